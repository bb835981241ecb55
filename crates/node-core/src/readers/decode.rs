use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::NodeError;

const CHUNK_BYTES: usize = 64 * 1024;

/// How a file's text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Not valid UTF-8 anywhere: what spreadsheets on Windows write.
    Windows1252,
    /// Little-endian UTF-16 with its byte order mark ("Unicode text" in Excel).
    Utf16Le,
    /// Big-endian UTF-16 with its byte order mark.
    Utf16Be,
}

/// Looks at the whole input once (flat memory) and rewinds it.
///
/// The byte order mark decides; else valid UTF-8 is UTF-8 and anything else is Windows-1252, in
/// which every byte means something.
///
/// # Errors
/// [`NodeError::Read`]; [`NodeError::NotText`] when the bytes hold NULs, as UTF-16 without a byte
/// order mark and binary files do.
pub fn detect<R: Read + Seek>(input: &mut R) -> Result<TextEncoding, NodeError> {
    let mut head = Vec::with_capacity(4);
    input.seek(SeekFrom::Start(0))?;
    input.by_ref().take(4).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    match head.as_slice() {
        [0xFF, 0xFE, ..] => return Ok(TextEncoding::Utf16Le),
        [0xFE, 0xFF, ..] => return Ok(TextEncoding::Utf16Be),
        _ => {}
    }
    let valid = scan(input)?;
    input.seek(SeekFrom::Start(0))?;
    Ok(if valid {
        TextEncoding::Utf8
    } else {
        TextEncoding::Windows1252
    })
}

/// Whether all of it is valid UTF-8.
fn scan<R: Read>(input: &mut R) -> Result<bool, NodeError> {
    let mut buffer = vec![0u8; CHUNK_BYTES];
    let mut kept = 0;
    let mut valid = true;
    let mut first = true;
    loop {
        let (_, free) = buffer.split_at_mut(kept);
        let read = read_some(input, free)?;
        let filled = buffer.get(..kept + read).unwrap_or_default();
        if first && many_nuls(filled) {
            return Err(NodeError::NotText);
        }
        first = false;
        if read == 0 {
            return Ok(valid && kept == 0);
        }
        if !valid {
            continue;
        }
        match std::str::from_utf8(filled) {
            Ok(_) => kept = 0,
            Err(error) if error.error_len().is_none() => {
                let from = error.valid_up_to();
                kept = filled.len() - from;
                buffer.copy_within(from..from + kept, 0);
            }
            Err(_) => {
                valid = false;
                kept = 0;
            }
        }
    }
}

/// More than one byte in twenty is NUL: UTF-16 without its mark, or no text at all. A lone NUL in
/// a damaged row is left to that row.
fn many_nuls(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| **byte == 0).count() > bytes.len() / 20
}

fn read_some<R: Read>(input: &mut R, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// The input as UTF-8 text without its byte order mark, in flat memory.
///
/// # Errors
/// [`NodeError::Read`].
pub fn utf8_reader<R: Read + Seek + 'static>(
    mut input: R,
    encoding: TextEncoding,
) -> Result<Box<dyn BufRead>, NodeError> {
    let from: &'static Encoding = match encoding {
        TextEncoding::Utf8 => {
            let mut head = [0; 3];
            let mut read = 0;
            while read < 3 {
                let some = read_some(&mut input, head.get_mut(read..).unwrap_or_default())?;
                if some == 0 {
                    break;
                }
                read += some;
            }
            let skip = if head == [0xEF, 0xBB, 0xBF] { 3 } else { 0 };
            input.seek(SeekFrom::Start(skip))?;
            return Ok(Box::new(BufReader::with_capacity(CHUNK_BYTES, input)));
        }
        TextEncoding::Windows1252 => WINDOWS_1252,
        TextEncoding::Utf16Le => UTF_16LE,
        TextEncoding::Utf16Be => UTF_16BE,
    };
    Ok(Box::new(BufReader::with_capacity(
        CHUNK_BYTES,
        Transcoder {
            input,
            decoder: from.new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK_BYTES],
            raw_from: 0,
            raw_to: 0,
            ended: false,
            finished: false,
        },
    )))
}

struct Transcoder<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    raw_to: usize,
    /// The input has no more bytes.
    ended: bool,
    /// The decoder has given everything, and must not be called again.
    finished: bool,
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The decoder needs room for one whole character and its replacement.
        if out.len() < 16 {
            return Err(io::Error::other("text buffer too small"));
        }
        loop {
            if self.finished {
                return Ok(0);
            }
            if self.raw_from == self.raw_to && !self.ended {
                self.raw_from = 0;
                self.raw_to = read_some(&mut self.input, &mut self.raw)?;
                self.ended = self.raw_to == 0;
            }
            let raw = self.raw.get(self.raw_from..self.raw_to).unwrap_or_default();
            let (result, used, written, _) = self.decoder.decode_to_utf8(raw, out, self.ended);
            self.raw_from += used;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
    }
}
