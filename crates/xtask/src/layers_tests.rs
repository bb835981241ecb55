use std::{fs, path::Path};

use super::*;
use crate::run;

/// The workspace's manifests with empty sources: enough for cargo to read, and nobody's to break.
fn manifests_in(dir: &Path) {
    fs::copy(run::root().join("Cargo.toml"), dir.join("Cargo.toml")).unwrap();
    let crates = fs::read_dir(run::root().join("crates")).unwrap();
    let folders = crates.map(|entry| Path::new("crates").join(entry.unwrap().file_name()));
    for folder in folders.chain(["tests".into()]) {
        let manifest = run::root().join(&folder).join("Cargo.toml");
        if !manifest.exists() {
            continue;
        }
        fs::create_dir_all(dir.join(&folder).join("src")).unwrap();
        fs::copy(manifest, dir.join(&folder).join("Cargo.toml")).unwrap();
        for source in ["lib.rs", "main.rs"] {
            fs::write(dir.join(&folder).join("src").join(source), "fn main() {}").unwrap();
        }
        blank_named_targets(&dir.join(&folder));
    }
}

/// Benches, tests and binaries that a manifest names by path or by convention must exist.
fn blank_named_targets(folder: &Path) {
    let manifest: toml::Table =
        toml::from_str(&fs::read_to_string(folder.join("Cargo.toml")).unwrap()).unwrap();
    for (key, place) in [
        ("bench", "benches"),
        ("test", "tests"),
        ("example", "examples"),
        ("bin", "src/bin"),
    ] {
        for target in manifest
            .get(key)
            .and_then(|t| t.as_array())
            .into_iter()
            .flatten()
        {
            let name = target
                .get("name")
                .and_then(|n| n.as_str())
                .unwrap_or_default();
            let path = target.get("path").and_then(|p| p.as_str());
            let path = path.map_or_else(|| format!("{place}/{name}.rs"), str::to_owned);
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "fn main() {}").unwrap();
        }
    }
}

fn add_dependency(dir: &Path, crate_name: &str, table: &str, line: &str) {
    let path = dir.join("crates").join(crate_name).join("Cargo.toml");
    let manifest = fs::read_to_string(&path).unwrap();
    let header = format!("[{table}]\n");
    let changed = if manifest.contains(&header) {
        manifest.replacen(&header, &format!("{header}{line}\n"), 1)
    } else {
        format!("{manifest}\n{header}{line}\n")
    };
    fs::write(path, changed).unwrap();
}

fn problems_with(crate_name: &str, table: &str, line: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    manifests_in(dir.path());
    add_dependency(dir.path(), crate_name, table, line);
    arrows(&Workspace::declared(dir.path()).unwrap())
}

#[test]
fn the_workspace_as_it_is_keeps_its_layers() {
    assert_eq!(
        arrows(&Workspace::declared(&run::root()).unwrap()),
        Vec::<String>::new()
    );
}

#[test]
fn the_copied_manifests_pass_before_they_are_broken() {
    let dir = tempfile::tempdir().unwrap();
    manifests_in(dir.path());
    assert_eq!(
        arrows(&Workspace::declared(dir.path()).unwrap()),
        Vec::<String>::new()
    );
}

#[test]
fn a_hub_that_depends_on_normalize_fails() {
    let line = "sanctuary-normalize = { workspace = true }";
    let problems = problems_with("hub", "dependencies", line);
    assert!(
        problems.contains(&"sanctuary-hub may not use sanctuary-normalize".to_owned()),
        "{problems:?}"
    );
}

#[test]
fn a_hub_that_gets_normalize_by_a_detour_fails() {
    let line = "sanctuary-normalize = { workspace = true }";
    let problems = problems_with("linkage", "dependencies", line);
    let detour =
        "sanctuary-hub contains sanctuary-normalize, which must stay out of that trust domain";
    assert!(problems.contains(&detour.to_owned()), "{problems:?}");
}

#[test]
fn a_build_dependency_counts_and_a_dev_dependency_does_not() {
    let line = "sanctuary-keyshare = { workspace = true }";
    assert!(!problems_with("node", "build-dependencies", line).is_empty());
    let dev = problems_with(
        "hub-core",
        "dev-dependencies",
        "sanctuary-normalize = { path = \"../normalize\" }",
    );
    assert_eq!(dev, Vec::<String>::new());
}

#[test]
fn nobody_may_use_the_lab() {
    let problems = problems_with(
        "cli",
        "dependencies",
        "sanctuary-lab = { workspace = true }",
    );
    assert!(
        problems.iter().any(|p| p.contains("a tool")),
        "{problems:?}"
    );
}

#[test]
fn the_trusted_dealer_is_for_tests() {
    let dir = tempfile::tempdir().unwrap();
    manifests_in(dir.path());
    let manifest = dir.path().join("crates/holder-core/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let plain = "sanctuary-keyshare = { workspace = true }";
    assert!(
        text.contains(plain),
        "the manifest no longer has the line this test changes"
    );
    let with = "sanctuary-keyshare = { workspace = true, features = [\"dealer\"] }";
    fs::write(&manifest, text.replacen(plain, with, 1)).unwrap();
    let problems = arrows(&Workspace::declared(dir.path()).unwrap());
    assert!(
        problems.iter().any(|p| p.contains("dealer")),
        "{problems:?}"
    );
}

#[test]
fn a_crate_that_nobody_placed_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    manifests_in(dir.path());
    let folder = dir.path().join("crates/newcomer");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"sanctuary-newcomer\"\nedition = \"2024\"\n",
    )
    .unwrap();
    let problems = arrows(&Workspace::declared(dir.path()).unwrap());
    assert!(
        problems
            .iter()
            .any(|p| p.contains("sanctuary-newcomer is not in the layers table")),
        "{problems:?}"
    );
}

#[test]
fn a_pure_crate_that_comes_to_contain_tokio_fails() {
    let package = |name: &str| {
        format!(r#"{{"id":"{name}","name":"{name}","license":"MIT","dependencies":[]}}"#)
    };
    let node = |from: &str, to: &str, kind: &str| {
        format!(r#"{{"id":"{from}","deps":[{{"pkg":"{to}","dep_kinds":[{{"kind":{kind}}}]}}]}}"#)
    };
    let workspace = |kind: &str| {
        let packages = ["sanctuary-toprf", "between", "tokio"]
            .map(package)
            .join(",");
        let nodes = [
            node("sanctuary-toprf", "between", "null"),
            node("between", "tokio", kind),
        ]
        .join(",");
        let json = format!(
            r#"{{"packages":[{packages}],"workspace_members":["sanctuary-toprf"],"resolve":{{"nodes":[{nodes}]}}}}"#
        );
        Workspace::from_json(&json).unwrap()
    };
    let found = "sanctuary-toprf is pure but contains tokio: sanctuary-toprf -> between -> tokio";
    assert_eq!(reach(&workspace("null")), [found]);
    assert_eq!(reach(&workspace(r#""dev""#)), Vec::<String>::new());
}
