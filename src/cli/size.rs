//! Sizes with units: `64MiB`, `2GiB`, `500MB`.

/// Units in bytes; those of the metric system and those of powers of two.
const UNITS: [(&str, u64); 7] = [
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

/// Reads a size in bytes: a whole number with its unit, in capital letters or not.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let wrong =
        || format!("{text:?} is not a size; write a number with its unit, such as 64MiB or 2GiB");
    let digits = text.len()
        - text
            .trim_start_matches(|char: char| char.is_ascii_digit())
            .len();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_lowercase();
    let (_, bytes) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number
        .checked_mul(*bytes)
        .filter(|size| *size > 0)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers_with_units_are_sizes() {
        assert_eq!(parse("512MiB"), Ok(512 << 20));
        assert_eq!(parse("2gib"), Ok(2 << 30));
        assert_eq!(parse("500 MB"), Ok(500_000_000));
        for wrong in [
            "",
            "0MiB",
            "512",
            "MiB",
            "-1MiB",
            "1.5GiB",
            "99999999999TiB",
            "1 Mi B",
        ] {
            let told = parse(wrong).unwrap_err();
            assert!(told.contains("64MiB"), "{told}");
        }
    }
}
