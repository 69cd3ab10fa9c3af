//! Findings for people and for programs.

mod github;
mod human;
mod json;
mod sarif;

pub use github::render_github;
pub use human::{escape_terminal, render_human};
pub use json::findings_json;
pub use sarif::{RuleInfo, render_sarif};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Finding, FindingSite, Severity, SourceFile, Span};

    fn finding() -> Finding {
        let file = SourceFile::new("a b/ü.yaml", "Runtime: 'ä', python2.7\n");
        Finding {
            rule: "eol-runtime",
            severity: Severity::High,
            title: "100 % old,\nreally".into(),
            primary: Some(FindingSite { span: Span::new(&file, 15, 24), label: "ended".into() }),
            related: vec![],
            why: "no fixes".into(),
            help: "use another".into(),
            fixes: vec![],
        }
    }

    #[test]
    fn a_line_for_github_holds_no_separator_of_its_own() {
        insta::assert_snapshot!(
            render_github(&[finding()], "apps/x:y/"),
            @"::error file=apps/x%3Ay/a b/ü.yaml,line=1,endLine=1,col=15,endColumn=23,title=eol-runtime::100 %25 old,%0Areally. no fixes. hint: use another"
        );
    }

    #[test]
    fn a_place_in_sarif_counts_characters_and_ends_after_the_last() {
        let log = render_sarif(&[finding()], &[], "apps/", "1.0.0");
        let log: serde_json::Value = serde_json::from_str(&log).unwrap();
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "apps/a%20b/%C3%BC.yaml");
        let region = serde_json::json!({"startLine": 1, "startColumn": 15, "endLine": 1, "endColumn": 24});
        assert_eq!(place["region"], region);
    }
}
