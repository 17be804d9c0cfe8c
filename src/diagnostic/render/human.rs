//! For a person: excerpts of the source with labels, notes and repairs, drawn by annotate-snippets.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};

use super::super::{Diagnostic, Fix, Label, Picture, Piece, Severity, Tone};
use crate::source::{FileId, SourceFile, Sources, Span};

/// How the human form looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanOptions {
    /// ANSI colours.
    pub color: bool,
    /// Columns of the terminal; longer lines are cut around what they show.
    pub width: usize,
}

/// An excerpt larger than this (labels far apart, or an enormous line) is cut label by label.
const EXCERPT_BYTES: usize = 16 * 1024;
/// How much of an enormous line is shown on either side of a label.
const MARGIN_BYTES: usize = 120;

pub(super) fn write(
    out: &mut dyn Write,
    sources: &Sources,
    diagnostics: &[Diagnostic],
    options: HumanOptions,
) -> io::Result<()> {
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(options.width);
    for diagnostic in diagnostics {
        writeln!(out, "{}\n", renderer.render(&report(sources, diagnostic, options.color)))?;
    }
    Ok(())
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

fn report<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic, color: bool) -> Vec<Group<'a>> {
    let title =
        level(diagnostic.severity).primary_title(printable(&diagnostic.message)).id(diagnostic.code.name);
    let mut group = Group::with_title(title);
    let labels =
        std::iter::once((&diagnostic.primary, true)).chain(diagnostic.secondary.iter().map(|l| (l, false)));
    // The primary file first, then the others in order.
    let mut files: BTreeMap<(bool, FileId), Vec<(&Label, bool)>> = BTreeMap::new();
    for (label, primary) in labels {
        let other = label.span.file != diagnostic.primary.span.file;
        files.entry((other, label.span.file)).or_default().push((label, primary));
    }
    for ((_, file), labels) in files {
        let Some(file) = sources.get(file) else { continue };
        if file.text().is_empty() {
            group = group.element(Origin::path(file.name()));
            continue;
        }
        for snippet in snippets(file, &labels) {
            group = group.element(snippet);
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(printable(note)));
    }
    for picture in &diagnostic.pictures {
        group = group.element(Level::NOTE.message(drawn(picture, color)));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    let mut groups = vec![group];
    if let Some(fix) = &diagnostic.fix {
        groups.extend(patch(sources, fix));
    }
    groups
}

/// One snippet for all labels when they lie close together, otherwise one for each.
fn snippets<'a>(
    file: &'a SourceFile,
    labels: &[(&'a Label, bool)],
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let all = lines_around(file, labels.iter().map(|(l, _)| l.span));
    let windows = if all.len() <= EXCERPT_BYTES {
        vec![(all, labels.to_vec())]
    } else {
        labels.iter().map(|l| (lines_around(file, [l.0.span]), vec![*l])).collect()
    };
    windows.into_iter().filter_map(|(window, labels)| snippet(file, window, &labels)).collect()
}

fn snippet<'a>(
    file: &'a SourceFile,
    window: Range<usize>,
    labels: &[(&'a Label, bool)],
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let window = narrowed(file.text(), window, labels.first()?.0.span);
    let text = file.text().get(window.clone())?;
    let annotations = labels.iter().map(|(label, primary)| {
        let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let within = |at: u32| (at as usize).clamp(window.start, window.end) - window.start;
        let span = char_range(text, within(label.span.start)..within(label.span.end));
        let annotation = kind.span(span);
        if label.text.is_empty() { annotation } else { annotation.label(printable(&label.text)) }
    });
    Some(
        Snippet::source(text)
            .line_start(file.line_column(window.start).line)
            .path(file.name())
            .annotations(annotations.collect::<Vec<_>>()),
    )
}

/// A range that starts and ends between characters.
fn char_range(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    floor(range.start)..floor(range.end)
}

/// The whole lines that hold the spans.
fn lines_around(file: &SourceFile, spans: impl IntoIterator<Item = Span>) -> Range<usize> {
    let text = file.text();
    let (mut start, mut end) = (text.len(), 0);
    for span in spans {
        start = start.min(span.start as usize);
        end = end.max(span.end as usize);
    }
    let end = end.min(text.len());
    let start = start.min(end);
    let bytes = text.as_bytes();
    let line_start = bytes[..start].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let line_end = bytes[end..].iter().position(|b| *b == b'\n').map_or(text.len(), |i| end + i);
    line_start..line_end
}

/// A window that is still enormous is cut around the start of the label.
fn narrowed(text: &str, window: Range<usize>, span: Span) -> Range<usize> {
    if window.len() <= EXCERPT_BYTES {
        return window;
    }
    let mut start = (span.start as usize).saturating_sub(MARGIN_BYTES).max(window.start);
    let mut end = (span.start as usize).saturating_add(2 * MARGIN_BYTES).min(window.end);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    start..end.max(start)
}

fn patch<'a>(sources: &'a Sources, fix: &'a Fix) -> Option<Group<'a>> {
    let first = fix.edits.first()?.0;
    let file = sources.get(first.file)?;
    if fix.edits.iter().any(|(span, _)| span.file != first.file) {
        return None;
    }
    let window = lines_around(file, fix.edits.iter().map(|(span, _)| *span));
    let message = Level::HELP.secondary_title(printable(&fix.message));
    if window.len() > EXCERPT_BYTES {
        return Some(Group::with_title(message));
    }
    let text = file.text().get(window.clone())?;
    let patches: Vec<Patch<'_>> = fix
        .edits
        .iter()
        .map(|(span, new)| {
            let range = span.start as usize - window.start..span.end as usize - window.start;
            Patch::new(char_range(text, range), new.as_str())
        })
        .collect();
    let snippet = Snippet::source(text).line_start(file.line_column(window.start).line).patches(patches);
    Some(message.element(snippet))
}

/// A drawing, its tones as colours of the terminal.
fn drawn(picture: &Picture, color: bool) -> String {
    if !color {
        return printable(&picture.plain());
    }
    let lines = picture.lines.iter().map(|pieces| {
        let piece = |piece: &Piece| {
            let code = match piece.tone {
                Tone::Plain => return printable(&piece.text),
                Tone::Faint => "2",
                Tone::Waiting => "33",
                Tone::Alarm => "31",
                Tone::Strong => "1",
            };
            format!("\x1b[{code}m{}\x1b[0m", printable(&piece.text))
        };
        pieces.iter().map(piece).collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Text that may quote the author's: control characters can't reach the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
