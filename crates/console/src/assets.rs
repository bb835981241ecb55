//! Styles, scripts and pictures, embedded in the program under names that hold their hash, also compressed once for
//! the browsers that take it that way.

use std::{collections::BTreeMap, io::Write as _, sync::LazyLock};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

macro_rules! text {
    ($name:literal) => {
        include_str!(concat!("../assets/", $name))
    };
}

/// The own style sheet, kept in parts.
const APP_CSS: &str = concat!(
    text!("css/tokens.css"),
    text!("css/frame.css"),
    text!("css/queue.css"),
    text!("css/alert.css"),
    text!("css/forms.css"),
    text!("css/pages.css"),
    text!("css/pictures.css"),
    text!("css/print.css"),
);

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What is imported comes before what imports it.
const FILES: &[(&str, &str, &str)] = &[
    ("vendor.css", CSS, text!("vendor.css")),
    ("app.css", CSS, APP_CSS),
    ("boot.js", SCRIPT, text!("boot.js")),
    (
        "govuk-frontend.min.js",
        SCRIPT,
        text!("govuk-frontend.min.js"),
    ),
    ("app.js", SCRIPT, text!("app.js")),
    ("init.js", SCRIPT, text!("init.js")),
    ("favicon.svg", "image/svg+xml", text!("favicon.svg")),
];

/// One file.
pub struct Asset {
    /// Its media type.
    pub media: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The same, compressed with gzip.
    pub gzip: Vec<u8>,
}

/// Hashed names by plain ones, and files by hashed names.
#[derive(Default)]
struct Assets {
    names: BTreeMap<&'static str, String>,
    files: BTreeMap<String, Asset>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut all = Assets::default();
    for (name, media, text) in FILES {
        // Scripts import each other by name.
        let text = all
            .names
            .iter()
            .fold((*text).to_owned(), |text, (known, hashed)| {
                text.replace(&format!("'./{known}'"), &format!("'./{hashed}'"))
            });
        let bytes = text.into_bytes();
        let hashed = hashed(name, &bytes);
        let gzip = compressed(&bytes, Compression::best()).unwrap_or_default();
        all.names.insert(*name, hashed.clone());
        all.files.insert(hashed, Asset { media, bytes, gzip });
    }
    all
});

/// Where a page finds a file; `None` for one that does not exist.
#[must_use]
pub fn path_of(name: &str) -> Option<String> {
    let hashed = ASSETS.names.get(name)?;
    Some(format!("/assets/{hashed}"))
}

/// The file of a hashed name.
#[must_use]
pub fn find(hashed_name: &str) -> Option<&'static Asset> {
    ASSETS.files.get(hashed_name)
}

fn hashed(name: &str, bytes: &[u8]) -> String {
    let digest = hex::encode(&Sha256::digest(bytes)[..8]);
    match name.split_once('.') {
        Some((stem, rest)) => format!("{stem}-{digest}.{rest}"),
        None => format!("{name}-{digest}"),
    }
}

/// Compressed with gzip.
pub fn compressed(bytes: &[u8], how: Compression) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), how);
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vendored files as they were made; `assets/README.md` says how.
    const PINNED: [(&str, &str); 2] = [
        (
            "vendor.css",
            "5fe36cff2a227de767b7b8bd6d652ecf96c150208edf7fccf6ebb2c6724dd4f4",
        ),
        (
            "govuk-frontend.min.js",
            "0391e416adb9af2c69addede9d650a5f31939a7092544fa82a6f4c70201026d0",
        ),
    ];

    #[test]
    fn every_file_is_found_by_its_hashed_name_only() {
        for (name, _, _) in FILES {
            let path = path_of(name).unwrap();
            let found = find(path.strip_prefix("/assets/").unwrap()).unwrap();
            assert!(!found.bytes.is_empty() && found.gzip.starts_with(&[0x1f, 0x8b]));
            assert!(find(name).is_none());
        }
        assert!(path_of("missing.css").is_none());
        assert!(find("../Cargo.toml").is_none());
    }

    #[test]
    fn vendored_files_are_the_pinned_ones() {
        for (name, pin) in PINNED {
            let path = path_of(name).unwrap();
            let found = find(path.strip_prefix("/assets/").unwrap()).unwrap();
            assert_eq!(hex::encode(Sha256::digest(&found.bytes)), pin, "{name}");
        }
    }

    #[test]
    fn scripts_import_hashed_names() {
        let path = path_of("init.js").unwrap();
        let script = find(path.strip_prefix("/assets/").unwrap()).unwrap();
        let script = String::from_utf8(script.bytes.clone()).unwrap();
        for name in ["govuk-frontend.min.js", "app.js"] {
            let hashed = path_of(name).unwrap().replace("/assets/", "./");
            assert!(script.contains(&format!("'{hashed}'")), "{script}");
        }
    }

    #[test]
    fn nothing_comes_from_elsewhere_and_nothing_asks_for_a_missing_file() {
        for (name, _, text) in FILES {
            for remote in ["@import", "//fonts", "GDS Transport", "@font-face", "url("] {
                assert!(!text.contains(remote), "{name} has {remote}");
            }
        }
    }

    #[test]
    fn the_first_page_is_light() {
        let sent: usize = ASSETS.files.values().map(|a| a.gzip.len()).sum();
        println!("{sent} bytes of styles and scripts, compressed");
        assert!(sent < 45_000, "{sent} bytes");
    }
}
