//! Upper, lower and title case: Go's single-rune mappings and golang.org/x/text/cases.

use std::sync::LazyLock;

use regex::Regex;

/// Go's `strings.ToUpper`: one character for one; `ß` stays.
pub fn to_upper(text: &str) -> String {
    let upper = |c: char| {
        let mut mapped = c.to_uppercase();
        match (mapped.next(), mapped.next()) {
            (Some(one), None) => one,
            _ => c,
        }
    };
    text.chars().map(upper).collect()
}

/// Go's `strings.ToLower`: one character for one; `İ` becomes `i`.
pub fn to_lower(text: &str) -> String {
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

/// x/text's `cases.Title(language.AmericanEnglish)`: the first cased letter of each word in title case, the others in
/// lower case (Alertmanager) or as they are (Prometheus).
pub fn title(text: &str, lower: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_word, mut after_middle) = (false, false);
    for c in text.chars() {
        let middle = is_middle(c);
        if after_middle && middle {
            in_word = false;
        }
        after_middle = middle;
        if c.is_lowercase() || c.is_uppercase() || is_title(c) {
            if !in_word {
                push_title(&mut out, c);
                in_word = true;
            } else if lower {
                out.extend(c.to_lowercase());
            } else {
                out.push(c);
            }
            continue;
        }
        out.push(c);
        if is_break(c) {
            in_word = false;
        }
    }
    out
}

/// Characters that do not end a word when they stand inside it (Unicode's MidLetter, MidNumLet and the quote).
fn is_middle(c: char) -> bool {
    matches!(
        c,
        '\'' | '.'
            | ':'
            | '\u{b7}'
            | '\u{387}'
            | '\u{55f}'
            | '\u{5f4}'
            | '\u{2018}'
            | '\u{2019}'
            | '\u{2024}'
            | '\u{2027}'
            | '\u{fe13}'
            | '\u{fe52}'
            | '\u{fe55}'
            | '\u{ff07}'
            | '\u{ff0e}'
            | '\u{ff1a}'
    )
}

/// Characters after which a new word starts.
fn is_break(c: char) -> bool {
    static JOINS: LazyLock<Regex> = LazyLock::new(|| {
        let pattern =
            r"^[\p{L}\p{N}\p{M}\p{Cf}\p{Pc}--[\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]$";
        Regex::new(pattern).expect("a valid pattern")
    });
    if c.is_ascii() {
        return !(c.is_ascii_alphanumeric() || c == '_' || is_middle(c));
    }
    !is_middle(c) && !JOINS.is_match(c.encode_utf8(&mut [0; 4]))
}

/// The digraphs that have a title case of their own.
fn is_title(c: char) -> bool {
    matches!(c, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ')
}

fn push_title(out: &mut String, c: char) {
    let digraph = match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        _ => {
            // `ß` is `SS` in upper case, and `Ss` as a title.
            let mut cased = false;
            for upper in c.to_uppercase() {
                if cased {
                    out.extend(upper.to_lowercase());
                } else {
                    out.push(upper);
                    cased = upper.is_uppercase();
                }
            }
            return;
        }
    };
    out.push(digraph);
}
