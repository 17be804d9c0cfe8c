//! Codes of alertc.toml, files and outputs.

use super::codes;

codes! {
    CONFIG_SYNTAX = "config-syntax", Error, "alertc.toml is not valid TOML";
    CONFIG_UNKNOWN_KEY = "config-unknown-key", Error, "a key of alertc.toml that alertc does not know";
    CONFIG_INVALID_VALUE = "config-invalid-value", Error, "a value of alertc.toml that its key can't have";
    CONFIG_MISSING_PATH = "config-missing-path", Error, "alertc.toml names a path that is not there";
    CYCLIC_DEPENDENCY = "cyclic-dependency", Error, "a project that depends on itself";
    DUPLICATE_PROJECT = "duplicate-project", Error, "two members of a workspace have one name";
    PROJECT_WITHOUT_SOURCES = "project-without-sources", Warning, "a project without an .alert file";
    NOT_UTF8 = "not-utf8", Error, "a file that is not UTF-8 text";
    TEMPLATE_UNKNOWN = "template-unknown", Error, "a project's own template with a name that alertc does not use";
    TEMPLATE_INVALID = "template-invalid", Error, "a project's own template that fails";
    TEMPLATE_CHANGES_OUTPUT = "template-changes-output", Error, "a project's own template that loses or changes what the sources say";
    READBACK_FAILED = "readback-failed", Error, "output that would not read back as it was meant";
    EXPRESSION_REFUSED = "expression-refused", Error, "an expression that another implementation of PromQL would refuse";
    OUTPUT_COLLISION = "output-collision", Error, "two sources that would be written to one file";
}
