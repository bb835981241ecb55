//! Makes one enum variant for each RPC in proto/: those of the partnership, and those for an agency's own
//! systems. `src/rpc.rs` and `src/own_rpc.rs` match on them exhaustively, so a new RPC that nobody gave a row
//! does not compile.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    calls("../../proto/sanctuary", "Rpc", "rpc.rs")?;
    calls("../../proto/agency", "OwnRpc", "own_rpc.rs")
}

/// The enum of one folder of proto/.
fn calls(root: &str, name: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let root = Path::new(root);
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    proto_files(root, &mut files)?;
    files.sort();
    let mut rpcs = Vec::new();
    for file in &files {
        println!("cargo:rerun-if-changed={file}");
        rpcs.extend(rpcs_of(&fs::read_to_string(file)?));
    }
    rpcs.sort();
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join(file),
        generated(name, &rpcs)?,
    )?;
    Ok(())
}

fn proto_files(folder: &Path, files: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            proto_files(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path.display().to_string());
        }
    }
    Ok(())
}

/// (variant, full path) of each RPC of one file.
fn rpcs_of(text: &str) -> Vec<(String, String)> {
    let (mut package, mut service) = ("", "");
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("package ") {
            package = rest.trim_end_matches(';').trim();
        } else if let Some(rest) = line.strip_prefix("service ") {
            service = rest.split([' ', '{']).next().unwrap_or_default();
        } else if let Some(rest) = line.strip_prefix("rpc ") {
            let name = rest.split(['(', ' ']).next().unwrap_or_default();
            found.push((
                format!("{service}{name}"),
                format!("/{package}.{service}/{name}"),
            ));
        }
    }
    found
}

fn generated(name: &str, rpcs: &[(String, String)]) -> Result<String, Box<dyn Error>> {
    let mut out = format!(
        "/// Every call of its folder, made from the files in proto/.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\npub enum {name} {{\n",
    );
    for (variant, path) in rpcs {
        writeln!(out, "    /// `{path}`\n    {variant},")?;
    }
    write!(out, "}}\n\nimpl {name} {{\n")?;
    out.push_str(
        "    /// Every RPC, in the order of names.\n    pub const ALL: &'static [Self] = &[\n",
    );
    for (variant, _) in rpcs {
        writeln!(out, "        Self::{variant},")?;
    }
    out.push_str("    ];\n\n    /// The path on the wire: `/package.Service/Method`.\n    #[must_use]\n    pub const fn path(self) -> &'static str {\n        match self {\n");
    for (variant, path) in rpcs {
        writeln!(out, "            Self::{variant} => \"{path}\",")?;
    }
    out.push_str("        }\n    }\n}\n");
    Ok(out)
}
