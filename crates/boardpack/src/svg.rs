//! A drawing as inline SVG: presentation attributes only, no style and no script.

use std::fmt::Write as _;

use crate::{
    drawing::{Anchor, Drawing, Ink, Shape},
    html::escaped,
};

/// The picture with its title and description, named for assistive technology.
pub(crate) fn svg(drawing: &Drawing) -> String {
    let id = drawing.id;
    let (w, h) = (drawing.width, drawing.height);
    let mut out = String::with_capacity(8 * 1024);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<svg role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
        escaped(&drawing.title),
        escaped(&drawing.description),
    );
    for shape in &drawing.shapes {
        write_shape(&mut out, shape);
    }
    out.push_str("</svg>\n");
    out
}

/// A bar at the end of a table's row; the number stands beside it, so it is hidden from readers.
pub(crate) fn bar(number: Option<u32>, longest: u32) -> String {
    let mut out = String::from(
        "<svg aria-hidden=\"true\" focusable=\"false\" class=\"bar\" viewBox=\"0 0 200 16\" preserveAspectRatio=\"none\">",
    );
    if let Some(n) = number {
        let width = 200.0 * n as f32 / longest.max(1) as f32;
        let _ = write!(
            out,
            "<rect x=\"0\" y=\"0\" width=\"{width:.1}\" height=\"16\" fill=\"{}\"/>",
            colour(Ink::Blue)
        );
    }
    out.push_str("</svg>");
    out
}

fn write_shape(out: &mut String, shape: &Shape) {
    let _ = match shape {
        Shape::Rect { x, y, w, h, ink } => write!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{}\"/>",
            colour(*ink)
        ),
        Shape::Frame { x, y, w, h, ink } => write!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"none\" stroke=\"{}\"/>",
            colour(*ink)
        ),
        Shape::Line {
            from,
            to,
            width,
            ink,
        } => write!(
            out,
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{}\" stroke-width=\"{width}\"/>",
            from.0,
            from.1,
            to.0,
            to.1,
            colour(*ink)
        ),
        Shape::Dot { x, y, r, ink } => write!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\" fill=\"{}\"/>",
            colour(*ink)
        ),
        Shape::Diamond { x, y, r, ink } => write!(
            out,
            "<path d=\"M{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}L{:.1} {y:.1}Z\" fill=\"{}\"/>",
            y - r,
            x + r,
            y + r,
            x - r,
            colour(*ink)
        ),
        Shape::Words {
            x,
            y,
            size,
            bold,
            anchor,
            ink,
            text,
        } => write!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\"{}{} fill=\"{}\">{}</text>",
            if *bold { " font-weight=\"700\"" } else { "" },
            match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            },
            colour(*ink),
            escaped(text)
        ),
    };
    out.push('\n');
}

fn colour(ink: Ink) -> String {
    let (r, g, b) = ink.rgb();
    format!("#{r:02x}{g:02x}{b:02x}")
}
