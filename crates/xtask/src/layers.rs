//! Who may use whom. "The hub never handles an identifier" is true because the hub's binary does
//! not contain the crate that knows what an identifier is; this table keeps it so.

use std::collections::{BTreeMap, BTreeSet};

use crate::metadata::Workspace;

/// Each crate and the crates of ours it may use outside tests. Missing from the table = refused.
const ALLOWED: &[(&str, &[&str])] = &[
    // words and pure cores
    ("types", &[]),
    ("normalize", &["types"]),
    ("toprf", &["types"]),
    ("keyshare", &["types", "toprf"]),
    ("posting", &["types", "toprf"]),
    ("linkage", &["types"]),
    ("compare", &["types", "toprf", "linkage"]),
    ("trust", &["types", "toprf"]),
    ("ledger", &["types", "trust"]),
    ("policy", &["types", "trust"]),
    ("paper", &[]),
    ("disclosure", &["types", "trust", "policy", "paper"]),
    ("figures", &["types", "trust", "policy"]),
    ("boardpack", &["types", "policy", "figures", "paper"]),
    ("envelope", &["types", "trust"]),
    ("staff", &["types", "policy", "disclosure"]),
    ("notify", &["types", "policy", "disclosure"]),
    ("prevalence", &[]),
    // one core per trust domain
    (
        "holder-core",
        &["types", "keyshare", "toprf", "trust", "ledger"],
    ),
    (
        "hub-core",
        &[
            "types",
            "posting",
            "linkage",
            "trust",
            "policy",
            "ledger",
            "figures",
            "prevalence",
        ],
    ),
    (
        "node-core",
        &[
            "types",
            "normalize",
            "toprf",
            "posting",
            "linkage",
            "compare",
            "trust",
            "policy",
            "disclosure",
            "envelope",
            "ledger",
            "figures",
        ],
    ),
    (
        "casework",
        &[
            "types",
            "trust",
            "policy",
            "disclosure",
            "envelope",
            "ledger",
        ],
    ),
    ("review", &["types", "policy", "disclosure", "ledger"]),
    // adapters
    ("wire", &["types"]),
    ("rpc", &["types", "trust", "policy", "wire"]),
    ("store", &["types"]),
    ("health", &["types", "store"]),
    (
        "console",
        &[
            "types",
            "trust",
            "policy",
            "disclosure",
            "casework",
            "staff",
            "ledger",
            "review",
            "figures",
            "boardpack",
        ],
    ),
    ("intake", &["types", "policy", "node-core", "wire"]),
    // programs
    (
        "keyholder",
        &[
            "types",
            "holder-core",
            "keyshare",
            "trust",
            "policy",
            "ledger",
            "wire",
            "rpc",
            "store",
            "health",
        ],
    ),
    (
        "hub",
        &[
            "types",
            "hub-core",
            "posting",
            "linkage",
            "trust",
            "policy",
            "ledger",
            "wire",
            "rpc",
            "store",
            "health",
            "figures",
            "prevalence",
        ],
    ),
    (
        "node",
        &[
            "types",
            "node-core",
            "casework",
            "review",
            "normalize",
            "toprf",
            "posting",
            "linkage",
            "compare",
            "trust",
            "policy",
            "disclosure",
            "envelope",
            "staff",
            "notify",
            "console",
            "intake",
            "ledger",
            "wire",
            "rpc",
            "store",
            "health",
            "figures",
        ],
    ),
    (
        "operator",
        &[
            "types",
            "policy",
            "disclosure",
            "staff",
            "store",
            "health",
            "console",
        ],
    ),
    (
        "cli",
        &[
            "types",
            "trust",
            "policy",
            "ledger",
            "wire",
            "rpc",
            "figures",
            "boardpack",
        ],
    ),
];

/// Tools that may use everything, each other too; nothing else may use them.
const TOOLS: &[&str] = &["sanctuary-lab", "sanctuary-tests", "xtask"];

/// Of each crate, what its build may not contain however indirectly.
const KEPT_APART: &[(&str, &[&str])] = &[
    (
        "hub",
        &[
            "casework",
            "normalize",
            "compare",
            "disclosure",
            "envelope",
            "keyshare",
            "node-core",
            "holder-core",
        ],
    ),
    (
        "hub-core",
        &[
            "casework",
            "normalize",
            "compare",
            "disclosure",
            "envelope",
            "keyshare",
            "node-core",
            "holder-core",
        ],
    ),
    (
        "keyholder",
        &[
            "casework",
            "normalize",
            "linkage",
            "posting",
            "compare",
            "disclosure",
            "envelope",
            "node-core",
            "hub-core",
        ],
    ),
    (
        "holder-core",
        &[
            "casework",
            "normalize",
            "linkage",
            "posting",
            "compare",
            "disclosure",
            "envelope",
            "node-core",
            "hub-core",
        ],
    ),
    (
        "operator",
        &[
            "normalize",
            "posting",
            "linkage",
            "node-core",
            "holder-core",
            "hub-core",
        ],
    ),
    ("node", &["keyshare", "holder-core", "hub-core"]),
    ("node-core", &["keyshare", "holder-core", "hub-core"]),
    (
        "cli",
        &[
            "casework",
            "disclosure",
            "envelope",
            "normalize",
            "keyshare",
            "posting",
            "linkage",
            "compare",
            "node-core",
            "holder-core",
            "hub-core",
        ],
    ),
];

/// Crates that do no I/O of their own: pure cores and role cores.
pub const PURE: &[&str] = &[
    "types",
    "normalize",
    "toprf",
    "keyshare",
    "posting",
    "linkage",
    "compare",
    "trust",
    "policy",
    "disclosure",
    "envelope",
    "staff",
    "notify",
    "ledger",
    "prevalence",
    "holder-core",
    "hub-core",
    "node-core",
    "casework",
    "review",
];

/// What a pure crate's build may not contain.
const NOT_IN_PURE: &[&str] = &[
    "axum", "hyper", "prost", "rustls", "sled", "sqlx", "tokio", "tonic", "tower", "tracing",
];

/// A feature that only tests may switch on: (crate, feature, why).
const TEST_ONLY: &[(&str, &str, &str)] = &[(
    "sanctuary-keyshare",
    "dealer",
    "a trusted dealer knows the whole key; production makes keys by ceremony",
)];

/// Arrows between our own crates that the table does not allow, straight or by a detour.
pub fn arrows(declared: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    let own: BTreeSet<&str> = declared.own().map(|p| p.name.as_str()).collect();
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in declared.own() {
        let kept = package.dependencies.iter().filter(|d| !d.is_dev());
        for dependency in kept {
            if own.contains(dependency.name.as_str()) {
                uses.entry(&package.name)
                    .or_default()
                    .insert(&dependency.name);
            }
            for (of, feature, why) in TEST_ONLY {
                if dependency.name == *of && dependency.features.iter().any(|f| f == feature) {
                    problems.push(format!(
                        "{} switches on {of}/{feature} outside tests: {why}",
                        package.name
                    ));
                }
            }
        }
    }
    for name in &own {
        if TOOLS.contains(name) {
            continue;
        }
        let used = uses.get(name).cloned().unwrap_or_default();
        problems.extend(
            used.iter()
                .filter(|to| TOOLS.contains(to))
                .map(|to| format!("{name} uses {to}, a tool: only dev-dependencies may")),
        );
        let Some(allowed) = look_up(ALLOWED, name) else {
            problems.push(format!(
                "{name} is not in the layers table: add it to crates/xtask/src/layers.rs"
            ));
            continue;
        };
        let refused = used.iter().filter(|to| !allowed.contains(&short(to)));
        problems.extend(refused.map(|to| format!("{name} may not use {to}")));
        let all = closure(name, &uses);
        let apart = look_up(KEPT_APART, name).unwrap_or_default();
        problems.extend(apart.iter().filter(|to| all.contains(**to)).map(|to| {
            format!("{name} contains sanctuary-{to}, which must stay out of that trust domain")
        }));
    }
    problems
}

/// External crates that a pure crate is built from and must not be.
pub fn reach(resolved: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    for name in PURE {
        let built_from = resolved.built_from(&format!("sanctuary-{name}"));
        for banned in NOT_IN_PURE {
            if let Some(way) = built_from.get(*banned) {
                problems.push(format!(
                    "sanctuary-{name} is pure but contains {banned}: {}",
                    way.join(" -> ")
                ));
            }
        }
    }
    problems
}

fn look_up<'a>(table: &[(&str, &'a [&'a str])], name: &str) -> Option<&'a [&'a str]> {
    table
        .iter()
        .find(|(crate_name, _)| *crate_name == short(name))
        .map(|(_, list)| *list)
}

fn short(name: &str) -> &str {
    name.strip_prefix("sanctuary-").unwrap_or(name)
}

fn closure<'a>(of: &str, uses: &BTreeMap<&str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = uses.get(of).into_iter().flatten().copied().collect();
    while let Some(next) = open.pop() {
        if let Some(full) = uses.values().flatten().find(|n| **n == next)
            && seen.insert(short(full))
        {
            open.extend(uses.get(next).into_iter().flatten().copied());
        }
    }
    seen
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
