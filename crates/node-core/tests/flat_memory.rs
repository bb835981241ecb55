//! Reading a large file takes flat memory. Alone in its binary, so that nothing else allocates.

use std::io::{self, Read, Seek, SeekFrom};

use sanctuary_node_core::readers::{Format, read};

const ROWS: u64 = 1_000_000;
const GROWTH_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// A CSV of a million rows, made while it is read.
#[derive(Default)]
struct Made {
    row: u64,
    line: Vec<u8>,
    at: usize,
}

impl Read for Made {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            if self.row > ROWS {
                return Ok(0);
            }
            self.line = match self.row {
                0 => b"id,forename,surname,dob,notes\n".to_vec(),
                n => format!(
                    "r{n},\"Ana\u{ef}s\",Haddad,1990-01-02,\"{}\"\n",
                    "x".repeat(60)
                )
                .into_bytes(),
            };
            self.row += 1;
            self.at = 0;
        }
        let n = out.len().min(self.line.len() - self.at);
        out[..n].copy_from_slice(&self.line[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

impl Seek for Made {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        assert_eq!(to, SeekFrom::Start(0));
        *self = Self::default();
        Ok(0)
    }
}

#[test]
fn a_million_rows_are_read_in_flat_memory() {
    let before = peak_bytes();
    let mut rows = read(Made::default(), Format::Csv).unwrap();
    let mut count = 0;
    while let Some(row) = rows.next_row().unwrap() {
        assert_eq!(row.cells.unwrap().len(), 5);
        count += 1;
    }
    assert_eq!(count, ROWS);
    let grown = peak_bytes() - before;
    assert!(grown < GROWTH_BYTES_MAX, "grew by {grown} bytes");
}

/// Highest resident memory of this process so far.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}
