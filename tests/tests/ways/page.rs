//! The page as a person follows it: its configuration blocks and commands, by section.

use anyhow::{Context as _, ensure};

const PAGE: &str = include_str!("../../../docs/integration.md");

/// The page, with this machine's places in it.
pub struct Page(Vec<Block>);

/// One block of code.
struct Block {
    /// `1` of `## 1. A watched folder`; empty before the first.
    section: String,
    /// What stands behind the opening fence.
    kind: String,
    text: String,
}

impl Page {
    pub fn read() -> anyhow::Result<Self> {
        let (mut section, mut blocks, mut open) = (String::new(), Vec::new(), None::<Block>);
        for line in PAGE.lines() {
            match (&mut open, line.strip_prefix("```")) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(block), None) => block.text += &format!("{line}\n"),
                (None, Some(kind)) => {
                    open = Some(Block {
                        section: section.clone(),
                        kind: kind.to_owned(),
                        text: String::new(),
                    });
                }
                (None, None) => {
                    if let Some(heading) = line.strip_prefix("## ") {
                        section = heading.split('.').next().unwrap_or_default().to_owned();
                    }
                }
            }
        }
        ensure!(
            open.is_none() && blocks.len() > 8,
            "the page has lost its blocks"
        );
        Ok(Self(blocks))
    }

    /// The one block of a kind in a section that has these words in it.
    pub fn block(&self, section: &str, kind: &str, words: &str) -> anyhow::Result<&str> {
        let of_it = |b: &&Block| b.section == section && b.kind == kind && b.text.contains(words);
        let mut found = self.0.iter().filter(of_it);
        let one = found.next();
        let one = one.with_context(|| format!("section {section} has no {kind} with {words}"))?;
        ensure!(
            found.next().is_none(),
            "section {section} has two {kind} with {words}"
        );
        Ok(&one.text)
    }

    /// Commands of a block, each with the lines that it goes on over; without comments.
    pub fn commands(block: &str) -> Vec<String> {
        let whole = block.replace("\\\n", " ");
        let lines = whole.lines().filter(|line| !line.starts_with('#'));
        let commands = lines.filter(|line| !line.trim().is_empty());
        commands.map(str::to_owned).collect()
    }
}
