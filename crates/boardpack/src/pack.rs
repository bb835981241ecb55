use sanctuary_figures::{Estimate, Figures, Statistic};

use crate::{
    drawing::Drawing,
    sections,
    table::{Cell, Table, span},
};

/// The pack before it is HTML or PDF: one source, so that no rendering forgets a warning.
#[derive(Clone, Debug)]
pub struct Pack {
    pub(crate) figures: Figures,
    /// Heading of the whole.
    pub title: String,
    /// Area, period, edition.
    pub lines: Vec<String>,
    /// Said first when nobody has released it.
    pub preview: Option<String>,
    /// The figures to remember.
    pub tiles: Vec<Tile>,
    /// Everything else.
    pub sections: Vec<Section>,
}

/// One figure to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// What it is.
    pub label: String,
    /// The figure.
    pub figure: String,
    /// What to know of it.
    pub note: String,
}

/// A part of the pack.
#[derive(Clone, Debug)]
pub struct Section {
    /// Name of the part in links.
    pub id: &'static str,
    /// Heading.
    pub heading: String,
    /// What stands under it.
    pub blocks: Vec<Block>,
}

/// What stands under a heading.
#[derive(Clone, Debug)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Points.
    Points(Vec<String>),
    /// What must be read before the figures are used.
    Notice {
        /// Heading of the notice.
        heading: String,
        /// Points: (code, words); the code may be empty.
        points: Vec<(String, String)>,
    },
    /// A table.
    Table(Table),
    /// A picture; the table with the same figures follows as a block of its own.
    Picture(Drawing),
}

impl Pack {
    /// The pack of one edition, or of a preview.
    #[must_use]
    pub fn of(figures: Figures) -> Self {
        let window = figures.window;
        Self {
            title: "Nature and scale of modern slavery".to_owned(),
            lines: vec![
                figures.area.clone(),
                format!("{} to {}", window.from.long(), window.to.long()),
                format!(
                    "Edition {}, made on {}",
                    figures.number,
                    sanctuary_policy::Day::at(figures.made).long()
                ),
            ],
            preview: (figures.signatures < 2).then(|| {
                "Preview: not released. Two officers of the partnership have not signed it yet. Do not pass it on."
                    .to_owned()
            }),
            tiles: tiles(&figures),
            sections: sections::all(&figures),
            figures,
        }
    }

    /// The published figures it is made from.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }
}

fn tiles(figures: &Figures) -> Vec<Tile> {
    let figure = |statistic: Statistic| {
        Cell::figure(figures.figures.iter().find(|f| f.statistic == statistic)).text
    };
    let tile = |label: &str, figure: String, note: &str| Tile {
        label: label.to_owned(),
        figure,
        note: note.to_owned(),
    };
    let (estimate, note) = match &figures.estimate {
        Estimate::Made { range, .. } => (
            span(*range),
            "Known and not known. Quote the range, with its warnings.",
        ),
        Estimate::NotMade { .. } => (
            "No estimate".to_owned(),
            "The lists do not support one; the reason is given below.",
        ),
    };
    let mut tiles = vec![tile(
        "Potential victims known",
        figure(Statistic::Victims),
        "To at least one agency, each counted once.",
    )];
    if figures.lists.len() >= 2 {
        tiles.push(tile(
            "Known to two or more",
            figure(Statistic::TwoOrMore),
            "Potential victims on the lists of more than one agency.",
        ));
    }
    tiles.push(tile("Potential victims in all", estimate, note));
    tiles.push(tile(
        "Suspects known",
        figure(Statistic::Suspects),
        "Alleged; some may also be potential victims.",
    ));
    tiles
}

impl Section {
    pub(crate) fn new(id: &'static str, heading: impl Into<String>) -> Self {
        Self {
            id,
            heading: heading.into(),
            blocks: Vec::new(),
        }
    }
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Text(text.into()));
        self
    }
    pub(crate) fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}
