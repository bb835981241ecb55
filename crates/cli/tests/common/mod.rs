//! Runs the program as people do.
#![allow(dead_code)]

use std::{net::TcpListener, path::Path, process::Command};

use serde_json::Value;

pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|_| panic!("not JSON: {} {}", self.out, self.err))
    }

    /// One plain sentence on standard error and nothing else.
    pub fn assert_failed(&self, code: i32, part: &str) {
        assert_eq!(self.code, code, "{} {}", self.out, self.err);
        let lines: Vec<&str> = self
            .err
            .lines()
            .filter(|l| l.starts_with("sanctuary: "))
            .collect();
        assert_eq!(lines.len(), 1, "{}", self.err);
        assert!(lines[0].contains(part), "{}", self.err);
    }

    pub fn assert_done(&self) -> &Self {
        assert_eq!(self.code, 0, "{} {}", self.out, self.err);
        self
    }
}

pub fn sanctuary(dir: &Path, words: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_sanctuary"))
        .current_dir(dir)
        .args(words)
        .output()
        .unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A pilot partnership in `dir/pilot` on ports that are free.
pub fn found(dir: &Path) -> u16 {
    let port = free_ports();
    sanctuary(
        dir,
        &[
            "init",
            "partnership",
            "--dir",
            "pilot",
            "--hub",
            "hub",
            "--holders",
            "alder,birch,cedar",
            "--threshold",
            "2",
            "--agencies",
            "police,council",
            "--officers",
            "3",
            "--sign",
            "2",
            "--port",
            &port.to_string(),
        ],
    )
    .assert_done();
    port
}

/// A port such that it and those 11 to 13 above are free.
fn free_ports() -> u16 {
    for _ in 0..100 {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let free = |p: u16| TcpListener::bind(("127.0.0.1", p)).is_ok();
        if port < 65_000 && (11..=13).all(|offset| free(port + offset)) {
            return port;
        }
    }
    panic!("no free ports");
}
