//! The author's layout of an expression, freed from its place in the source.

/// The column, in characters, at which `offset` stands in its line.
pub fn column(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |i| i + 1);
    before[line..].chars().count()
}

/// Text being put together from pieces of the source, each with its own indentation there.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    column: usize,
}

impl Writer {
    /// How much has been written.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The column at which the next character will stand.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Text without line breaks.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    /// Ends the line, without trailing spaces, and indents the next.
    pub fn newline(&mut self, indent: usize) {
        let kept = self.text.trim_end_matches([' ', '\t']).len();
        self.text.truncate(kept);
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    /// A piece of the source: its continuation lines lose `from` columns of indentation and get `to`. `place` is told
    /// where each line's content starts: (offset in the piece, length).
    pub fn push_lines(
        &mut self,
        text: &str,
        from: usize,
        to: usize,
        place: &mut dyn FnMut(&Writer, usize, usize),
    ) {
        let mut start = 0;
        for (number, line) in text.split('\n').enumerate() {
            let content = line.strip_suffix('\r').unwrap_or(line);
            let mut skip = 0;
            if number > 0 {
                skip = content.len() - content.trim_start_matches([' ', '\t']).len();
                self.newline((skip + to).saturating_sub(from));
            }
            place(self, start + skip, content.len() - skip);
            self.push(&content[skip..]);
            start += line.len() + 1;
        }
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuation_lines_keep_their_place_relative_to_the_first() {
        let source = "  value     sum(a)\n              / sum(b)\n          + c  \r\n\n";
        let start = source.find("sum").unwrap();
        let mut writer = Writer::default();
        writer.push_lines(source[start..].trim_end(), column(source, start), 0, &mut |_, _, _| {});
        assert_eq!(writer.finish(), "sum(a)\n  / sum(b)\n+ c");
    }
}
