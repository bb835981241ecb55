//! A picture as shapes, drawn once for the web and for paper.

/// Colours of the pack; every one has at least 3 to 1 against white, text 4.5 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Text,
    Quiet,
    Blue,
    Grey,
    Line,
    Band,
    Empty,
    Warn,
}

impl Ink {
    /// Red, green, blue.
    pub(crate) const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Text => (0x0b, 0x0c, 0x0c),
            Self::Quiet => (0x48, 0x4f, 0x54),
            Self::Blue => (0x1a, 0x65, 0xa6),
            Self::Grey => (0x5c, 0x69, 0x72),
            Self::Line => (0xc5, 0xcb, 0xcf),
            Self::Band => (0xf1, 0xf4, 0xf6),
            Self::Empty => (0xd5, 0xda, 0xdd),
            Self::Warn => (0xa8, 0x48, 0x0a),
        }
    }
}

/// Where a text hangs on its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Rect {
        x: f32,
        y: f32,
        w: f32,
        h: f32,
        ink: Ink,
    },
    Frame {
        x: f32,
        y: f32,
        w: f32,
        h: f32,
        ink: Ink,
    },
    Line {
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
        ink: Ink,
    },
    Dot {
        x: f32,
        y: f32,
        r: f32,
        ink: Ink,
    },
    Diamond {
        x: f32,
        y: f32,
        r: f32,
        ink: Ink,
    },
    Words {
        x: f32,
        y: f32,
        size: f32,
        bold: bool,
        anchor: Anchor,
        ink: Ink,
        text: String,
    },
}

/// A picture with the words that stand for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    pub(crate) id: &'static str,
    /// What it shows.
    pub title: String,
    /// Its content in a sentence or two.
    pub description: String,
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) shapes: Vec<Shape>,
}

impl Drawing {
    pub(crate) fn rect(&mut self, (x, y): (f32, f32), (w, h): (f32, f32), ink: Ink) {
        self.shapes.push(Shape::Rect { x, y, w, h, ink });
    }

    /// A stub that stands for `x`: always the same size, striped so that it does not rest on colour.
    pub(crate) fn stub(&mut self, (x, y): (f32, f32), (w, h): (f32, f32)) {
        let step = 6.0;
        let mut at = step;
        while at < w + h {
            // The stripe from the lower left to the upper right, cut at the frame.
            let from = (x + (at - h).max(0.0), y + at.min(h));
            let to = (x + at.min(w), y + (at - w).max(0.0));
            self.line(from, to, 1.0, Ink::Grey);
            at += step;
        }
        self.shapes.push(Shape::Frame {
            x,
            y,
            w,
            h,
            ink: Ink::Grey,
        });
    }

    pub(crate) fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32, ink: Ink) {
        self.shapes.push(Shape::Line {
            from,
            to,
            width,
            ink,
        });
    }

    pub(crate) fn dot(&mut self, (x, y): (f32, f32), r: f32, ink: Ink) {
        self.shapes.push(Shape::Dot { x, y, r, ink });
    }

    pub(crate) fn diamond(&mut self, (x, y): (f32, f32), r: f32, ink: Ink) {
        self.shapes.push(Shape::Diamond { x, y, r, ink });
    }

    pub(crate) fn words(&mut self, (x, y): (f32, f32), anchor: Anchor, text: impl Into<String>) {
        self.put((x, y), anchor, false, Ink::Text, text);
    }

    pub(crate) fn bold(&mut self, (x, y): (f32, f32), anchor: Anchor, text: impl Into<String>) {
        self.put((x, y), anchor, true, Ink::Text, text);
    }

    pub(crate) fn quiet(&mut self, (x, y): (f32, f32), anchor: Anchor, text: impl Into<String>) {
        self.put((x, y), anchor, false, Ink::Quiet, text);
    }

    /// A figure to remember.
    pub(crate) fn large(&mut self, (x, y): (f32, f32), text: impl Into<String>) {
        self.shapes.push(Shape::Words {
            x,
            y,
            size: 28.0,
            bold: true,
            anchor: Anchor::Start,
            ink: Ink::Text,
            text: text.into(),
        });
    }

    fn put(
        &mut self,
        (x, y): (f32, f32),
        anchor: Anchor,
        bold: bool,
        ink: Ink,
        text: impl Into<String>,
    ) {
        self.shapes.push(Shape::Words {
            x,
            y,
            size: 14.0,
            bold,
            anchor,
            ink,
            text: text.into(),
        });
    }
}
