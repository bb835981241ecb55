//! A drawing under way: shapes with classes and presentation attributes, never a style attribute.

/// Where a text is held.
#[derive(Clone, Copy)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing under way.
pub struct Drawing {
    prefix: String,
    width: f64,
    body: String,
}

/// Average width of a character of 15 pixels; bold ones are wider, so texts wrap early rather than late.
const CHARACTER: f64 = 8.1;

impl Drawing {
    /// An empty one; `prefix` keeps its ids apart from those of every other drawing of the page.
    pub fn new(prefix: &str, width: f64) -> Self {
        let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        Self {
            prefix: prefix.chars().filter(fits).collect(),
            width,
            body: String::new(),
        }
    }

    /// The id of a part of this drawing.
    pub fn id(&self, part: &str) -> String {
        format!("{}-{part}", self.prefix)
    }

    pub fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        self.shape(&format!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            n(x),
            n(y),
            n(width),
            n(height)
        ));
    }

    /// A bar filled with the hatching of [`Drawing::hatching`].
    pub fn hatched(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        let id = self.id("hatch");
        self.shape(&format!(
            "<rect class=\"{class}\" fill=\"url(#{id})\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            n(x),
            n(y),
            n(width),
            n(height)
        ));
    }

    /// Slanted stripes, so that meaning never rests on colour.
    pub fn hatching(&mut self) {
        let id = self.id("hatch");
        self.shape(&format!(
            "<defs><pattern id=\"{id}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect class=\"wf-hatch-ground\" width=\"6\" height=\"6\"/>\
             <rect class=\"wf-hatch\" width=\"2.5\" height=\"6\"/></pattern></defs>"
        ));
    }

    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.shape(&format!(
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            n(x1),
            n(y1),
            n(x2),
            n(y2)
        ));
    }

    pub fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        self.shape(&format!(
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>",
            n(x),
            n(y),
            n(radius)
        ));
    }

    pub fn path(&mut self, class: &str, steps: &str) {
        self.shape(&format!("<path class=\"{class}\" d=\"{steps}\"/>"));
    }

    pub fn text(&mut self, class: &str, anchor: Anchor, (x, y): (f64, f64), text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.shape(&format!(
            "<text class=\"c-t {class}\" text-anchor=\"{anchor}\" x=\"{}\" y=\"{}\">{}</text>",
            n(x),
            n(y),
            escaped(text)
        ));
    }

    /// The whole drawing with its name and what it shows.
    pub fn finish(self, height: f64, title: &str, description: &str) -> String {
        let (t, d) = (self.id("title"), self.id("desc"));
        format!(
            "<svg class=\"app-chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{t} {d}\" focusable=\"false\">\
             <title id=\"{t}\">{}</title><desc id=\"{d}\">{}</desc>{}</svg>",
            escaped(title),
            escaped(description),
            self.body,
            width = n(self.width),
            height = n(height),
        )
    }

    fn shape(&mut self, markup: &str) {
        self.body.push_str(markup);
    }
}

/// `text` in lines that fit `width`; a word that is longer stays whole on a line of its own.
pub fn wrapped(text: &str, width: f64) -> Vec<String> {
    let fits = |line: &str| line.chars().count() as f64 * CHARACTER <= width;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if fits(&format!("{line} {word}")) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// How wide a text will be.
pub fn width_of(text: &str) -> f64 {
    text.chars().count() as f64 * CHARACTER
}

/// A number with one digit after the point at most, as short as it goes.
pub fn n(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    format!("{tenths}")
}

/// Safe between tags and in attributes; what XML 1.0 does not allow at all is left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
