//! Names of units: the words of declarations, the suffixes of quantities, and what messages print.

use std::fmt;

use super::{BASES, Base, Dimension, Scale, Sort, Unit};

impl Unit {
    /// The unit of a declaration (`metric x gauge seconds`): Prometheus' base units, their usual multiples, and
    /// any other word as a count of such things.
    pub fn from_word(word: &str) -> Unit {
        Unit::known_word(word).unwrap_or_else(|| Unit::count_of(word))
    }

    /// The unit that a word names by itself, as metric names do (`_seconds`, `_bytes`, `_ratio`).
    pub fn known_word(word: &str) -> Option<Unit> {
        let time = |num, den| Unit::amount(Dimension::of(Base::Time), Scale::new(num, den));
        let data = |num, den| Unit::amount(Dimension::of(Base::Data), Scale::new(num, den));
        let of = |base| Unit::amount(Dimension::of(base), Scale::ONE);
        Some(match word {
            "seconds" | "second" => Unit::seconds(),
            "milliseconds" | "millis" | "ms" => time(1, 1000),
            "microseconds" | "micros" | "us" => time(1, 1_000_000),
            "nanoseconds" | "nanos" | "ns" => time(1, 1_000_000_000),
            "minutes" => time(60, 1),
            "hours" => time(3600, 1),
            "days" => time(86_400, 1),
            "bytes" | "byte" => Unit::bytes(),
            "bits" => data(1, 8),
            "kilobytes" | "kB" => data(1000, 1),
            "kibibytes" | "KiB" => data(1 << 10, 1),
            "megabytes" | "MB" => data(1_000_000, 1),
            "mebibytes" | "MiB" => data(1 << 20, 1),
            "gigabytes" | "GB" => data(1_000_000_000, 1),
            "gibibytes" | "GiB" => data(1 << 30, 1),
            "ratio" => Unit::ratio(),
            "percent" | "percentage" => Unit::percent(),
            "timestamp" => Unit::timestamp(),
            "count" => Unit::count(),
            "celsius" => of(Base::Temperature),
            "meters" | "metres" => of(Base::Length),
            "grams" => of(Base::Mass),
            "kilograms" => Unit { scale: Scale::new(1000, 1), ..of(Base::Mass) },
            "volts" => of(Base::Voltage),
            "amperes" | "amps" => of(Base::Current),
            "watts" => of(Base::Voltage).product(&of(Base::Current))?,
            "joules" => of(Base::Voltage).product(&of(Base::Current))?.product(&Unit::seconds())?,
            "hertz" => Unit::count().per_second()?,
            _ => return None,
        })
    }

    /// The unit of a written quantity's suffix: `%`, durations (`ms`, `h`), bytes and bits (`B`, `GiB`, `Mbit`),
    /// either of these or a count per time (`/s`, `B/s`, `requests/m`). Any other word is a count.
    ///
    /// None when it can only mislead: `k` and `M` alone, an unknown denominator.
    pub fn from_suffix(suffix: &str) -> Option<Unit> {
        if let Some((above, below)) = suffix.split_once('/') {
            let above = if above.is_empty() { Unit::count() } else { Unit::from_suffix(above)? };
            return above.quotient(&duration_suffix(below)?);
        }
        if suffix == "%" {
            return Some(Unit::percent());
        }
        if let Some(unit) = duration_suffix(suffix).or_else(|| data_suffix(suffix)) {
            return Some(unit);
        }
        let word = suffix.chars().all(|c| c.is_alphanumeric() || c == '_')
            && suffix.chars().next().is_some_and(char::is_alphabetic)
            && suffix.chars().nth(1).is_some();
        word.then(|| Unit::from_word(suffix))
    }

    /// The suffix a quantity of this unit is written with (`ms`, `MiB`, `/s`, `%`), if it has one. Counts have an
    /// empty one.
    pub fn symbol(&self) -> Option<String> {
        match self.sort {
            Sort::Count => (self.scale == Scale::ONE).then(String::new),
            Sort::Ratio if self.scale == Scale::ONE => Some(String::new()),
            Sort::Ratio => self.is_percent().then(|| "%".to_string()),
            Sort::Timestamp => Some(String::new()),
            Sort::Amount => self.amount_symbol(),
        }
    }

    fn amount_symbol(&self) -> Option<String> {
        let find = |table: &[(&'static str, Scale)], scale: Scale| {
            table.iter().find(|(_, s)| *s == scale).map(|(name, _)| *name)
        };
        if self.is_time() {
            return find(DURATIONS, self.scale).map(str::to_string);
        }
        if self.is_data() {
            return find(DATA, self.scale).map(str::to_string);
        }
        if self.dimension.0[Base::Time as usize] == -1 {
            let per = Unit::seconds();
            let above = self.product(&per)?;
            // 60 per minute: the scale may belong to either part, so try each denominator.
            return PER.iter().find_map(|(name, scale)| {
                let above = Unit { scale: above.scale.times(*scale)?, ..above.clone() };
                let symbol = match above.sort {
                    Sort::Count | Sort::Ratio => (above.scale == Scale::ONE).then(String::new)?,
                    _ if above.dimension == self.dimension => return None,
                    _ => above.symbol()?,
                };
                Some(format!("{symbol}/{name}"))
            });
        }
        None
    }
}

/// Suffixes of durations; a longer name first where one is the start of another does not matter, they are whole.
const DURATIONS: &[(&str, Scale)] = &[
    ("s", Scale::ONE),
    ("ms", Scale::new(1, 1000)),
    ("us", Scale::new(1, 1_000_000)),
    ("ns", Scale::new(1, 1_000_000_000)),
    ("m", Scale::new(60, 1)),
    ("h", Scale::new(3600, 1)),
    ("d", Scale::new(86_400, 1)),
    ("w", Scale::new(604_800, 1)),
    ("y", Scale::new(31_536_000, 1)),
];

/// Denominators of rates, the usual one first.
const PER: &[(&str, Scale)] =
    &[("s", Scale::ONE), ("m", Scale::new(60, 1)), ("h", Scale::new(3600, 1)), ("d", Scale::new(86_400, 1))];

/// Suffixes of amounts of data.
const DATA: &[(&str, Scale)] = &[
    ("B", Scale::ONE),
    ("kB", Scale::new(1000, 1)),
    ("MB", Scale::new(1_000_000, 1)),
    ("GB", Scale::new(1_000_000_000, 1)),
    ("TB", Scale::new(1_000_000_000_000, 1)),
    ("PB", Scale::new(1_000_000_000_000_000, 1)),
    ("KiB", Scale::new(1 << 10, 1)),
    ("MiB", Scale::new(1 << 20, 1)),
    ("GiB", Scale::new(1 << 30, 1)),
    ("TiB", Scale::new(1 << 40, 1)),
    ("PiB", Scale::new(1 << 50, 1)),
    ("bit", Scale::new(1, 8)),
    ("kbit", Scale::new(1000, 8)),
    ("Mbit", Scale::new(1_000_000, 8)),
    ("Gbit", Scale::new(1_000_000_000, 8)),
];

fn duration_suffix(suffix: &str) -> Option<Unit> {
    let scale = DURATIONS.iter().find(|(name, _)| *name == suffix)?.1;
    Some(Unit::amount(Dimension::of(Base::Time), scale))
}

fn data_suffix(suffix: &str) -> Option<Unit> {
    let scale = DATA.iter().find(|(name, _)| *name == suffix)?.1;
    Some(Unit::amount(Dimension::of(Base::Data), scale))
}

impl fmt::Display for Unit {
    /// As a message names it: `seconds`, `MiB/s`, `connections`, `a ratio`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = self.word.as_deref();
        match self.sort {
            Sort::Count => write!(f, "{}", counted.unwrap_or("a count")),
            Sort::Ratio if self.is_percent() => f.write_str("percent"),
            Sort::Ratio if self.scale == Scale::ONE => f.write_str("a ratio"),
            Sort::Timestamp => f.write_str("a timestamp"),
            _ => match (self.named(), self.symbol()) {
                (Some(name), _) => f.write_str(name),
                (None, Some(symbol)) if symbol.starts_with('/') => {
                    write!(f, "{}{symbol}", counted.unwrap_or("events"))
                }
                (None, Some(symbol)) => f.write_str(&symbol),
                (None, None) => self.composite(f),
            },
        }
    }
}

impl Unit {
    fn named(&self) -> Option<&'static str> {
        const NAMES: &[&str] = &[
            "seconds",
            "milliseconds",
            "microseconds",
            "nanoseconds",
            "minutes",
            "hours",
            "days",
            "bytes",
            "bits",
            "celsius",
            "meters",
            "grams",
            "volts",
            "amperes",
            "watts",
            "joules",
        ];
        NAMES
            .iter()
            .find(|n| {
                Unit::known_word(n).is_some_and(|u| u.dimension == self.dimension && u.scale == self.scale)
            })
            .copied()
    }

    /// Units nobody has named: `bytes·seconds`, `celsius/seconds`.
    fn composite(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; BASES] = ["seconds", "bytes", "celsius", "meters", "grams", "volts", "amperes"];
        let parts = || NAMES.iter().zip(self.dimension.0);
        let mut text = Vec::new();
        if self.scale != Scale::ONE {
            text.push(self.scale.to_f64().to_string());
        }
        let power = |name: &str, exponent: i8| match exponent {
            1 => name.to_string(),
            _ => format!("{name}^{exponent}"),
        };
        text.extend(parts().filter(|(_, e)| *e > 0).map(|(name, e)| power(name, e)));
        f.write_str(if text.is_empty() { "1" } else { "" })?;
        f.write_str(&text.join("·"))?;
        parts().filter(|(_, e)| *e < 0).try_for_each(|(name, e)| write!(f, "/{}", power(name, -e)))
    }
}
