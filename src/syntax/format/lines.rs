//! Lines of output before their columns are known, and the alignment that makes text of them.

/// A group of lines whose cells of one column start below each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    /// Spaces behind the widest cell.
    pub gap: usize,
    /// The cells are taken to be at least this wide.
    pub min: usize,
    /// Wider cells stand out and do not widen the column.
    pub max: usize,
    /// Spaces behind the cell if it is the only one of its table.
    pub alone: usize,
}

impl Table {
    /// Cells with `gap` spaces behind the widest.
    pub fn new(gap: usize) -> Table {
        Table { gap, min: 0, max: usize::MAX, alone: gap }
    }
}

/// Where a further line of a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// So many columns right of the start of the line's last cell.
    Cell(usize),
    /// So many columns right of the line's indentation.
    Indent(usize),
    /// As it is: inside a string.
    Raw,
}

/// One line, with the further lines of its last cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub indent: usize,
    pub cells: Vec<String>,
    /// How far the first line of the last cell stands right of its column.
    pub hang: usize,
    /// For each cell but the last, the table it belongs to.
    pub tables: Vec<Option<usize>>,
    pub further: Vec<(Anchor, String)>,
    pub comment: Option<String>,
    pub blank_before: bool,
    /// What the line is one of: see [`join_runs`].
    pub run: Option<&'static str>,
}

/// Gives lines of one kind the tables of the first of them, as far as no blank line comes between.
pub(super) fn join_runs(lines: &mut [Line]) {
    let mut current: Option<(&'static str, Vec<Option<usize>>)> = None;
    for line in lines {
        if line.blank_before {
            current = None;
        }
        let Some(kind) = line.run else { continue };
        match &current {
            Some((running, tables)) if *running == kind => {
                for (own, shared) in line.tables.iter_mut().zip(tables) {
                    *own = shared.or(*own);
                }
            }
            _ => current = Some((kind, line.tables.clone())),
        }
    }
}

/// All lines as text.
pub(super) fn render(lines: &[Line], tables: &[Table]) -> String {
    let widths = widths(lines, tables);
    let mut texts: Vec<Vec<String>> = lines.iter().map(|l| line_text(l, &widths)).collect();
    append_comments(lines, &mut texts);
    let mut out = String::new();
    for (line, text) in lines.iter().zip(&texts) {
        if line.blank_before && !out.is_empty() {
            out.push('\n');
        }
        for part in text {
            out.push_str(part);
            out.push('\n');
        }
    }
    out
}

/// For each table the width of its cells with the gap behind them, and the widest cell that counts.
fn widths(lines: &[Line], tables: &[Table]) -> Vec<(usize, Table)> {
    let mut found: Vec<(usize, usize)> = vec![(0, 0); tables.len()];
    for line in lines {
        for (i, cell) in line.cells.iter().enumerate() {
            let Some(table) = line.tables.get(i).copied().flatten() else { continue };
            let (Some(spec), Some(entry)) = (tables.get(table), found.get_mut(table)) else { continue };
            let width = width(cell);
            if i + 1 < line.cells.len() && width <= spec.max {
                entry.0 = entry.0.max(width);
                entry.1 += 1;
            }
        }
    }
    found
        .into_iter()
        .zip(tables)
        .map(|((widest, count), table)| {
            let gap = if count == 1 { table.alone } else { table.gap };
            (widest.max(table.min) + gap, *table)
        })
        .collect()
}

fn line_text(line: &Line, widths: &[(usize, Table)]) -> Vec<String> {
    let mut text = " ".repeat(line.indent);
    let mut column = line.indent;
    for (i, cell) in line.cells.iter().enumerate() {
        let last = i + 1 == line.cells.len();
        if last {
            text.extend(std::iter::repeat_n(' ', line.hang));
        }
        text.push_str(cell);
        if last {
            break;
        }
        let used = width(cell);
        let room = match line.tables.get(i).copied().flatten().and_then(|t| widths.get(t)) {
            Some((room, table)) if used <= table.max => (*room).max(used + 1),
            _ => used + 1,
        };
        text.extend(std::iter::repeat_n(' ', room - used));
        column += room;
    }
    let mut texts = vec![text.trim_end().to_string()];
    for (anchor, further) in &line.further {
        let indent = match anchor {
            Anchor::Cell(n) => column + n,
            Anchor::Indent(n) => line.indent + n,
            Anchor::Raw => {
                texts.push(further.clone());
                continue;
            }
        };
        texts.push(if further.is_empty() {
            String::new()
        } else {
            format!("{}{further}", " ".repeat(indent))
        });
    }
    texts
}

/// Comments behind lines that follow one another stand below each other.
fn append_comments(lines: &[Line], texts: &mut [Vec<String>]) {
    let mut start = 0;
    while start < lines.len() {
        let Some(first) = lines.get(start).filter(|l| l.comment.is_some()) else {
            start += 1;
            continue;
        };
        let run = lines
            .iter()
            .skip(start + 1)
            .take_while(|l| {
                l.comment.is_some() && !l.blank_before && l.indent == first.indent && l.further.is_empty()
            })
            .count();
        let end = start + 1 + run;
        let column =
            texts.get(start..end).into_iter().flatten().filter_map(|t| t.last()).map(|t| width(t)).max();
        for (line, text) in lines.iter().zip(texts.iter_mut()).take(end).skip(start) {
            if let (Some(comment), Some(last), Some(column)) = (&line.comment, text.last_mut(), column) {
                let gap = if last.is_empty() { 0 } else { column - width(last) + 2 };
                last.extend(std::iter::repeat_n(' ', gap));
                last.push_str(comment);
            }
        }
        start = end;
    }
}

fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}
