//! The nearest name to one that is not known.

/// The candidate most like `name`, if one is near enough to be what was meant.
///
/// Near is: equal but for case, or a Damerau-Levenshtein distance of at most a third of the longer name.
/// Ties go to the first candidate.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let distance = if candidate.eq_ignore_ascii_case(name) {
            0
        } else {
            strsim::damerau_levenshtein(name, candidate)
        };
        let limit = name.chars().count().max(candidate.chars().count()).div_ceil(3);
        if distance <= limit && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `did you mean `x`?` for the nearest candidate.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|n| format!("did you mean `{n}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_only_what_is_near() {
        assert_eq!(nearest("waring", ["critical", "warning"]), Some("warning"));
        assert_eq!(nearest("Critical", ["critical", "warning"]), Some("critical"));
        assert_eq!(nearest("page", ["critical", "warning"]), None);
    }
}
