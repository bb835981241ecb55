//! `cargo xtask check`: every step, all of them even when one fails, then the list of failures.

use anyhow::{Result, bail};

use crate::{files, layers, metadata::Workspace, policy, purity, run};

/// One check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Fmt,
    Files,
    Layers,
    Purity,
    Dependencies,
    Clippy,
    Docs,
}

impl Step {
    /// Quick ones first.
    const ALL: [(&'static str, Self); 7] = [
        ("fmt", Self::Fmt),
        ("files", Self::Files),
        ("layers", Self::Layers),
        ("purity", Self::Purity),
        ("dependencies", Self::Dependencies),
        ("clippy", Self::Clippy),
        ("docs", Self::Docs),
    ];

    /// The named steps, or all; the first unknown name is the error.
    pub fn chosen(names: &[String]) -> Result<Vec<Self>, String> {
        if names.is_empty() {
            return Ok(Self::ALL.map(|(_, step)| step).to_vec());
        }
        let find = |name: &String| {
            let found = Self::ALL.iter().find(|(word, _)| word == name);
            found.map(|(_, step)| *step).ok_or_else(|| name.clone())
        };
        names.iter().map(find).collect()
    }

    fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, step)| *step == self)
            .map_or("", |(name, _)| name)
    }

    /// What is wrong, one line each; empty when all is well.
    fn problems(self) -> Result<Vec<String>> {
        match self {
            Self::Fmt => cargo(&["fmt", "--all", "--check"], &[]),
            Self::Files => files::problems(&run::root()),
            Self::Layers => {
                let declared = Workspace::declared(&run::root())?;
                let resolved = Workspace::resolved(&run::root())?;
                let mut found = layers::arrows(&declared);
                found.extend(layers::reach(&resolved));
                Ok(found)
            }
            Self::Purity => purity::problems(&run::root()),
            Self::Dependencies => policy::problems(&run::root()),
            Self::Clippy => cargo(
                &[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--quiet",
                    "--",
                    "-D",
                    "warnings",
                ],
                &[],
            ),
            Self::Docs => cargo(
                &["doc", "--workspace", "--no-deps", "--quiet"],
                &[("RUSTDOCFLAGS", "-D warnings")],
            ),
        }
    }
}

/// Runs `steps` in order and fails with the names of those that found something.
pub fn run(steps: &[Step]) -> Result<()> {
    let mut failed = Vec::new();
    for step in steps {
        let problems = step.problems().unwrap_or_else(|e| vec![format!("{e:#}")]);
        if problems.is_empty() {
            println!("ok      {}", step.name());
        } else {
            println!("FAILED  {}", step.name());
            for problem in &problems {
                println!("        {problem}");
            }
            failed.push(step.name());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("these checks failed: {}", failed.join(", "))
}

fn cargo(args: &[&str], env: &[(&str, &str)]) -> Result<Vec<String>> {
    run::finish(run::cargo().args(args).envs(env.iter().copied()))?;
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_name() {
        assert_eq!(Step::chosen(&[]).unwrap().len(), Step::ALL.len());
        assert_eq!(Step::chosen(&["layers".into()]).unwrap(), [Step::Layers]);
        assert_eq!(Step::chosen(&["nonsense".into()]).unwrap_err(), "nonsense");
    }
}
