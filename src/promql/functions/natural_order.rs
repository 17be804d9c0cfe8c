//! Natural order of texts, in which `b2` stands before `b10`.

use std::cmp::Ordering;

/// Compares runs of digits as numbers and everything else as bytes.
///
/// Source: the order of github.com/facette/natsort, which Prometheus' `sort_by_label` uses.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (chunks(a), chunks(b));
    for (x, y) in a.iter().zip(&b) {
        if x == y {
            continue;
        }
        if let (Ok(n), Ok(m)) = (x.parse::<u64>(), y.parse::<u64>()) {
            if n == m {
                // `01` and `1`: the shorter first.
                return x.len().cmp(&y.len());
            }
            return n.cmp(&m);
        }
        return x.cmp(y);
    }
    a.len().cmp(&b.len())
}

/// Runs of digits and runs of other characters.
fn chunks(text: &str) -> Vec<&str> {
    let mut chunks = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (chunk, tail) = rest.split_at(end);
        chunks.push(chunk);
        rest = tail;
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_within_texts_count_as_numbers() {
        let mut texts = vec!["b10", "b2", "a", "b2x", "10", "9", ""];
        texts.sort_by(|a, b| compare(a, b));
        assert_eq!(texts, ["", "9", "10", "a", "b2", "b2x", "b10"]);
    }
}
