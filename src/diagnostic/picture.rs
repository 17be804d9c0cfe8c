//! Drawings beneath findings: lines of pieces, each with a tone that a terminal shows as a colour.

/// What a piece of a drawing means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// Nothing in particular.
    Plain,
    /// What the eye may pass over.
    Faint,
    /// What is about to go wrong.
    Waiting,
    /// What is wrong.
    Alarm,
    /// What the drawing is about.
    Strong,
}

/// A stretch of text in one tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its tone.
    pub tone: Tone,
    /// Its text, without line breaks.
    pub text: String,
}

/// A drawing, line by line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// The pieces of each line.
    pub lines: Vec<Vec<Piece>>,
}

impl Picture {
    /// True when nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds a line of plain text.
    pub fn text(&mut self, text: impl Into<String>) {
        self.lines.push(vec![Piece { tone: Tone::Plain, text: text.into() }]);
    }

    /// The lines without tones.
    pub fn plain_lines(&self) -> impl Iterator<Item = String> {
        let line = |pieces: &Vec<Piece>| pieces.iter().map(|p| p.text.as_str()).collect::<String>();
        self.lines.iter().map(move |l| line(l).trim_end().to_string())
    }

    /// The drawing without tones.
    pub fn plain(&self) -> String {
        self.plain_lines().collect::<Vec<_>>().join("\n")
    }
}

/// Characters with their tones as pieces.
impl FromIterator<(Tone, char)> for Line {
    fn from_iter<I: IntoIterator<Item = (Tone, char)>>(chars: I) -> Line {
        let mut line = Line::default();
        for (tone, c) in chars {
            match line.0.last_mut() {
                Some(last) if last.tone == tone => last.text.push(c),
                _ => line.0.push(Piece { tone, text: c.to_string() }),
            }
        }
        line
    }
}

/// A line that is being drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line(pub Vec<Piece>);

impl Line {
    /// Adds text in a tone.
    pub fn then(mut self, tone: Tone, text: impl Into<String>) -> Line {
        self.0.push(Piece { tone, text: text.into() });
        self
    }

    /// Adds another line behind.
    pub fn and(mut self, other: Line) -> Line {
        self.0.extend(other.0);
        self
    }
}
