//! Codes of importing YAML.

use super::codes;

codes! {
    NOT_CARRIED_OVER = "not-carried-over", Warning, "something in the YAML that the new sources do not say";
    SECRET_LEFT_OUT = "secret-left-out", Warning, "a secret that stood in a configuration and is not in the new sources";
    IMPORT_CONFLICT = "import-conflict", Error, "files that can't be one project";
    IMPORT_DIFFERS = "import-differs", Error, "something that would not come out as it went in";
}
