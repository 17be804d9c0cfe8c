//! Codes of the alert language's syntax.

use super::codes;

codes! {
    UNEXPECTED_TOKEN = "unexpected-token", Error, "something else was expected here";
    UNKNOWN_KEYWORD = "unknown-keyword", Error, "a word that no item or property starts with";
    MISPLACED_ITEM = "misplaced-item", Error, "an item or property where it cannot stand";
    UNCLOSED_BLOCK = "unclosed-block", Error, "a brace, parenthesis or bracket that is never closed";
    UNMATCHED_CLOSER = "unmatched-closer", Error, "a closing brace, parenthesis or bracket that closes nothing";
    UNTERMINATED_STRING = "unterminated-string", Error, "a string without its closing quote";
    INVALID_ESCAPE = "invalid-escape", Error, "a backslash that starts no escape";
    INVALID_CHARACTER = "invalid-character", Error, "a character that has no meaning outside strings and comments";
    NOT_A_DURATION = "not-a-duration", Error, "a quantity that is not a duration";
    SPACE_IN_QUANTITY = "space-in-quantity", Error, "a space between a number and its unit";
    INVALID_INTERVAL = "invalid-interval", Error, "a part of a time interval that is no day, month, year or time";
    DUPLICATE_PROPERTY = "duplicate-property", Error, "a property that is given twice";
    YAML_HABIT = "yaml-habit", Error, "YAML's notation in an alert file";
    SINGLE_EQUALS = "single-equals", Error, "`=` where an expression compares with `==`";
    NESTED_TOO_DEEP = "nested-too-deep", Error, "blocks inside blocks beyond the limit";
    FORMAT_DEFECT = "format-defect", Error, "a file that formatting would change in meaning";
    TOO_MANY_ERRORS = "too-many-errors", Error, "a file with so many errors that reading stopped";
}
