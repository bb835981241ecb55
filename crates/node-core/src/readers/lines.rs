use std::{
    collections::VecDeque,
    io::{self, BufRead},
};

use sanctuary_types::limits::ROW_BYTES_MAX;
use zeroize::{Zeroize, Zeroizing};

/// One physical line without its ending.
#[derive(Clone)]
pub struct Line {
    /// The text; cut at [`ROW_BYTES_MAX`] when `too_long`.
    pub text: Zeroizing<String>,
    /// The line went on beyond the limit; the rest was skipped unread.
    pub too_long: bool,
}

/// Lines of bounded length over UTF-8 text; `\n`, `\r\n` and lone `\r` (old Macintosh files, only
/// where the first line shows it) end a line.
pub struct Lines {
    input: Box<dyn BufRead>,
    end: u8,
    put_back: VecDeque<Line>,
    scratch: Vec<u8>,
    bytes_read: u64,
}

impl Lines {
    /// Lines of `input`.
    ///
    /// # Errors
    /// What reading the first bytes gave.
    pub fn new(mut input: Box<dyn BufRead>) -> io::Result<Self> {
        let first = input.fill_buf()?;
        let end = if !first.contains(&b'\n') && first.contains(&b'\r') {
            b'\r'
        } else {
            b'\n'
        };
        Ok(Self {
            input,
            end,
            put_back: VecDeque::new(),
            scratch: Vec::new(),
            bytes_read: 0,
        })
    }

    /// Bytes of text read so far.
    pub const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The next line; `None` at the end.
    ///
    /// # Errors
    /// What reading gave.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.put_back.pop_front() {
            return Ok(Some(line));
        }
        self.scratch.zeroize();
        let mut too_long = false;
        let mut any = false;
        loop {
            let (used, ended) = {
                let buffer = self.input.fill_buf()?;
                if buffer.is_empty() {
                    break;
                }
                any = true;
                let end = buffer.iter().position(|byte| *byte == self.end);
                let part = buffer
                    .get(..end.unwrap_or(buffer.len()))
                    .unwrap_or_default();
                let room = ROW_BYTES_MAX.saturating_sub(self.scratch.len());
                too_long |= part.len() > room;
                self.scratch
                    .extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
                (part.len() + usize::from(end.is_some()), end.is_some())
            };
            self.input.consume(used);
            self.bytes_read += used as u64;
            if ended {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        if self.scratch.last() == Some(&b'\r') {
            self.scratch.pop();
        }
        // Valid by construction except where the limit cut a character in two.
        let text = Zeroizing::new(String::from_utf8_lossy(&self.scratch).into_owned());
        Ok(Some(Line { text, too_long }))
    }

    /// Gives lines back, to be read again in this order.
    pub fn put_back(&mut self, lines: impl DoubleEndedIterator<Item = Line>) {
        for line in lines.rev() {
            self.put_back.push_front(line);
        }
    }
}
