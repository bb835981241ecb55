//! The dependency policy of `deny.toml`, checked without any tool but cargo.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{metadata::Workspace, run, spdx};

#[derive(Deserialize)]
struct Policy {
    licenses: Licences,
    bans: Bans,
}
#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}
#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}
#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

/// Banned crates with the way they came in, and packages without an allowed licence.
pub fn problems(root: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(root.join("deny.toml")).context("deny.toml is missing")?;
    let policy: Policy = toml::from_str(&text).context("deny.toml is not in order")?;
    let mut problems = judge(&policy, &Workspace::resolved(root)?);
    if run::exists("cargo-deny") {
        let checks = ["deny", "check", "licenses", "bans", "sources"];
        if let Err(error) = run::finish(run::cargo().args(checks)) {
            problems.push(format!("{error:#}"));
        }
    }
    Ok(problems)
}

fn judge(policy: &Policy, workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    for member in workspace.own() {
        let built_from = workspace.built_from(&member.name);
        for banned in &policy.bans.deny {
            if let Some(way) = built_from.get(&banned.name) {
                problems.push(format!("{} is banned: {}", banned.name, way.join(" -> ")));
            }
        }
    }
    for package in workspace.packages.values() {
        let licence = package.license.as_deref().unwrap_or_default();
        if !spdx::is_allowed(licence, &policy.licenses.allow) {
            problems.push(format!(
                "{} is under \"{licence}\", which deny.toml does not allow",
                package.name
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(allow: &[&str], deny: &str) -> Policy {
        let allow = allow.iter().map(|s| (*s).to_owned()).collect();
        let name = deny.to_owned();
        Policy {
            licenses: Licences { allow },
            bans: Bans {
                deny: vec![Banned { name }],
            },
        }
    }

    #[test]
    fn a_banned_crate_is_found_with_the_way_it_came_in() {
        let workspace = Workspace::resolved(&run::root()).unwrap();
        let problems = judge(&policy(&[], "serde_core"), &workspace);
        let way = "serde_core is banned: xtask -> serde -> serde_core";
        assert!(problems.iter().any(|p| p == way), "{problems:?}");
        assert!(problems.iter().any(|p| p.starts_with("serde is under")));
    }

    #[test]
    fn the_workspace_as_it_is_keeps_its_policy() {
        assert_eq!(problems(&run::root()).unwrap(), Vec::<String>::new());
    }
}
