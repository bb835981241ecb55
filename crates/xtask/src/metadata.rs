//! What `cargo metadata` says of the workspace, in the few words the checks need.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::run;

/// The packages of the workspace, and with [`Workspace::resolved`] everything they are built from.
pub struct Workspace {
    /// Every package, by cargo's id.
    pub packages: BTreeMap<String, Package>,
    /// Ids of our own.
    pub members: BTreeSet<String>,
    /// Id -> ids it is built from (normal and build dependencies); empty when only declared.
    pub edges: BTreeMap<String, Vec<String>>,
}

/// One package.
#[derive(Deserialize)]
pub struct Package {
    id: String,
    /// Name in its manifest.
    pub name: String,
    /// SPDX expression, where it gives one.
    pub license: Option<String>,
    /// What its manifest asks for.
    pub dependencies: Vec<Dependency>,
}

/// One line of a `[dependencies]` table.
#[derive(Deserialize)]
pub struct Dependency {
    /// Package name.
    pub name: String,
    /// `None` normal, `build` or `dev`.
    pub kind: Option<String>,
    /// Features asked for.
    pub features: Vec<String>,
}

impl Dependency {
    /// Whether tests alone use it.
    pub fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

#[derive(Deserialize)]
struct Document {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Option<Resolve>,
}
#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}
#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Arrow>,
}
#[derive(Deserialize)]
struct Arrow {
    pkg: String,
    dep_kinds: Vec<Kind>,
}
#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Workspace {
    /// Our own manifests alone: needs no lock file, no download, no source.
    pub fn declared(root: &Path) -> Result<Self> {
        Self::read(root, &["--no-deps", "--offline"])
    }

    /// With every external package that this platform builds.
    pub fn resolved(root: &Path) -> Result<Self> {
        let host = run::output(run::cargo().args(["-vV"]))?;
        let host = host.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host
            .context("`cargo -vV` does not name the host")?
            .to_owned();
        Self::read(root, &["--locked", "--filter-platform", &host])
    }

    fn read(root: &Path, args: &[&str]) -> Result<Self> {
        let mut command = run::cargo();
        command.current_dir(root);
        command
            .args(["metadata", "--format-version", "1"])
            .args(args);
        Self::from_json(&run::output(&mut command)?)
    }

    /// From what `cargo metadata` printed.
    pub fn from_json(json: &str) -> Result<Self> {
        let document: Document = serde_json::from_str(json)?;
        let nodes = document.resolve.map_or_else(Vec::new, |r| r.nodes);
        let built = |arrow: &Arrow| {
            arrow
                .dep_kinds
                .iter()
                .any(|k| k.kind.as_deref() != Some("dev"))
        };
        let edges = nodes.into_iter().map(|node| {
            let to = node.deps.into_iter().filter(built).map(|a| a.pkg);
            (node.id, to.collect())
        });
        Ok(Self {
            edges: edges.collect(),
            members: document.workspace_members,
            packages: document
                .packages
                .into_iter()
                .map(|p| (p.id.clone(), p))
                .collect(),
        })
    }

    /// Our own packages.
    pub fn own(&self) -> impl Iterator<Item = &Package> {
        self.members.iter().filter_map(|id| self.packages.get(id))
    }

    /// Names of every package that `from` is built from, each with the shortest way to it.
    pub fn built_from(&self, from: &str) -> BTreeMap<String, Vec<String>> {
        let start = self.own().find(|p| p.name == from).map(|p| &p.id);
        let mut ways: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        let mut next: VecDeque<&String> = start.into_iter().collect();
        while let Some(id) = next.pop_front() {
            let way = ways.get(id).cloned().unwrap_or_else(|| vec![self.name(id)]);
            for to in self.edges.get(id).into_iter().flatten() {
                if Some(to) != start && !ways.contains_key(to) {
                    let mut longer = way.clone();
                    longer.push(self.name(to));
                    ways.insert(to, longer);
                    next.push_back(to);
                }
            }
        }
        ways.into_iter()
            .map(|(id, way)| (self.name(id), way))
            .collect()
    }

    fn name(&self, id: &str) -> String {
        self.packages
            .get(id)
            .map_or_else(|| id.to_owned(), |p| p.name.clone())
    }
}
