use sanctuary_types::Band;

use super::{
    Picture, Table,
    svg::{Anchor, Drawing, n, wrapped},
};

/// Records of several agencies that may be one person: our own first, the others beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Our own record.
    pub ours: Member,
    /// The other agencies'.
    pub others: Vec<Member>,
    /// Possible matches among them.
    pub links: Vec<Link>,
}

/// One record, as far as we may know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Name of the agency.
    pub agency: String,
    /// How it regards the person, in words; empty when that is not told.
    pub role: String,
}

/// A possible match of two records. Place 0 is ours, place 1 the first of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// One end.
    pub a: usize,
    /// The other.
    pub b: usize,
    /// How strong it is.
    pub band: Band,
}

struct Frame {
    width: f64,
    box_width: f64,
    /// Left edges of our box and of the others.
    ours: f64,
    others: f64,
    /// Where the first of the others begins.
    top: f64,
}

const WIDE: Frame = Frame {
    width: 820.0,
    box_width: 270.0,
    ours: 1.0,
    others: 470.0,
    top: 6.0,
};
const NARROW: Frame = Frame {
    width: 340.0,
    box_width: 250.0,
    ours: 1.0,
    others: 46.0,
    top: 92.0,
};
const GAP: f64 = 22.0;
const LINE: f64 = 18.0;
const TITLE: &str = "Agencies that may know the same person";

impl Cluster {
    /// Draws it. Links to places that do not exist are left out.
    #[must_use]
    pub fn draw(&self, prefix: &str) -> Picture {
        let last = self.others.len();
        let links = self.links.iter().copied();
        let links: Vec<Link> = links
            .filter(|link| link.a <= last && link.b <= last && link.a != link.b)
            .collect();
        let mut table = Table::new(TITLE, ["Agency", "Regards the person as", "Linked to"]);
        for place in 0..=last {
            if let Some(member) = self.member(place) {
                let role = if member.role.is_empty() {
                    "Not told"
                } else {
                    &member.role
                };
                table.row([&member.agency, role, &self.linked(place, &links)]);
            }
        }
        let said: Vec<String> = links
            .iter()
            .filter_map(|link| {
                let (a, b) = (self.member(link.a)?, self.member(link.b)?);
                Some(format!(
                    "{} and {}: {}.",
                    a.agency,
                    b.agency,
                    words(link.band)
                ))
            })
            .collect();
        let said = said.join(" ");
        Picture {
            wide: self.drawn(&WIDE, &format!("{prefix}-w"), &links, &said),
            narrow: self.drawn(&NARROW, &format!("{prefix}-n"), &links, &said),
            table,
        }
    }

    fn member(&self, place: usize) -> Option<&Member> {
        match place.checked_sub(1) {
            None => Some(&self.ours),
            Some(other) => self.others.get(other),
        }
    }

    fn linked(&self, place: usize, links: &[Link]) -> String {
        let mut parts = Vec::new();
        for link in links {
            let other = match (link.a == place, link.b == place) {
                (true, _) => link.b,
                (_, true) => link.a,
                _ => continue,
            };
            if let Some(member) = self.member(other) {
                parts.push(format!(
                    "{} ({})",
                    member.agency,
                    words(link.band).to_lowercase()
                ));
            }
        }
        parts.join("; ")
    }

    fn drawn(&self, frame: &Frame, prefix: &str, links: &[Link], said: &str) -> String {
        let mut drawing = Drawing::new(prefix, frame.width);
        let below = frame.top > 50.0;
        let texts: Vec<Vec<String>> = (0..=self.others.len())
            .map(|place| self.under(place, links))
            .collect();
        let mut boxes = vec![Place::default()];
        let mut y = frame.top;
        for (member, under) in self.others.iter().zip(texts.iter().skip(1)) {
            let height = height_of(member, under.len(), frame.box_width);
            boxes.push(Place {
                x: frame.others,
                y,
                height,
            });
            y += height + GAP;
        }
        let bottom = (y - GAP).max(frame.top);
        let own = height_of(&self.ours, texts[0].len(), frame.box_width);
        boxes[0] = Place {
            x: frame.ours,
            y: if below {
                2.0
            } else {
                ((frame.top + bottom - own) / 2.0).max(2.0)
            },
            height: own,
        };
        let mut ours: Vec<(usize, Band)> = links.iter().filter_map(of_ours).collect();
        ours.sort_by_key(|(place, _)| *place);
        for (i, (place, band)) in ours.iter().enumerate() {
            let steps = way(frame, &boxes, *place, (i, ours.len()));
            drawing.path(class_of(*band), &steps);
        }
        let mut outer = frame.others + frame.box_width + 14.0;
        for link in links.iter().filter(|link| of_ours(link).is_none()) {
            // Between two others: round the outside, each further out than the one before.
            let edge = frame.others + frame.box_width;
            let (a, b) = (n(boxes[link.a].middle()), n(boxes[link.b].middle()));
            let steps = format!("M{edge} {a}H{outer}V{b}H{edge}");
            drawing.path(class_of(link.band), &steps);
            outer = (outer + 10.0).min(frame.width - 4.0);
        }
        for (place, (position, under)) in boxes.iter().zip(&texts).enumerate() {
            if let Some(member) = self.member(place) {
                draw_box(&mut drawing, frame, position, (member, under), place == 0);
            }
        }
        let height = bottom.max(boxes[0].y + own) + 4.0;
        drawing.finish(height, TITLE, said)
    }

    /// What stands under the name of an agency.
    fn under(&self, place: usize, links: &[Link]) -> Vec<String> {
        let role = self.member(place).map(|m| m.role.clone());
        let role = role.filter(|role| !role.is_empty());
        if place == 0 {
            let own = role.map_or_else(String::new, |role| format!(": {role}"));
            return vec![format!("Our record{own}")];
        }
        let link = links.iter().filter_map(of_ours).find(|(p, _)| *p == place);
        let band = link.map(|(_, band)| words(band).to_owned());
        role.into_iter().chain(band).collect()
    }
}

/// The other end of a link of ours.
fn of_ours(link: &Link) -> Option<(usize, Band)> {
    match (link.a, link.b) {
        (0, other) | (other, 0) => Some((other, link.band)),
        _ => None,
    }
}

/// From our box to another, so that no two ways cross.
fn way(frame: &Frame, boxes: &[Place], to: usize, (i, of): (usize, usize)) -> String {
    let (ours, other) = (&boxes[0], &boxes[to]);
    if frame.top > 50.0 {
        // The nearest box takes the innermost way.
        let x = n((frame.others - 12.0 - 8.0 * i as f64).max(6.0));
        let (from, to) = (n(ours.y + ours.height), n(other.middle()));
        return format!("M{x} {from}V{to}H{}", n(other.x));
    }
    let edge = ours.x + frame.box_width;
    let spread = (i as f64 - (of - 1) as f64 / 2.0) * 11.0;
    let from = n(ours.middle() + spread.clamp(-ours.height / 2.0 + 4.0, ours.height / 2.0 - 4.0));
    let turn = n(edge + 60.0 + 14.0 * i.min(of - 1 - i) as f64);
    format!(
        "M{} {from}H{turn}V{}H{}",
        n(edge),
        n(other.middle()),
        n(other.x)
    )
}

#[derive(Default)]
struct Place {
    x: f64,
    y: f64,
    height: f64,
}

impl Place {
    fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

fn draw_box(
    drawing: &mut Drawing,
    frame: &Frame,
    place: &Place,
    (member, under): (&Member, &[String]),
    ours: bool,
) {
    let class = if ours {
        "cl-box cl-box--ours"
    } else {
        "cl-box"
    };
    let size = (frame.box_width, place.height);
    drawing.rect(class, (place.x, place.y), size);
    let (x, mut y) = (place.x + 14.0, place.y + 25.0);
    for line in wrapped(&member.agency, frame.box_width - 28.0) {
        drawing.text("c-strong", Anchor::Start, (x, y), &line);
        y += LINE;
    }
    for line in under {
        drawing.text("c-sub", Anchor::Start, (x, y + 2.0), line);
        y += LINE;
    }
}

fn height_of(member: &Member, under: usize, width: f64) -> f64 {
    let lines = wrapped(&member.agency, width - 28.0).len().max(1) + under;
    22.0 + lines as f64 * LINE
}

const fn words(band: Band) -> &'static str {
    match band {
        Band::Possible => "Weaker than likely",
        Band::Likely => "Likely match",
        Band::Strong => "Strong match",
    }
}

const fn class_of(band: Band) -> &'static str {
    match band {
        Band::Possible => "c-line cl-possible",
        Band::Likely => "c-line cl-likely",
        Band::Strong => "c-line cl-strong",
    }
}
