//! What a template asks of its parameters' values.

use super::{Only, remarks};
use crate::{Parameters, load};

/// What is said of a value of a parameter with these properties.
fn said(properties: &str, value: &str) -> String {
    let text = format!("Parameters:\n  P: {{ {properties} }}\nResources:\n  L: {{ Type: 'AWS::Logs::LogGroup' }}\n");
    let values = vec![("P".to_owned(), value.to_owned())];
    let loaded = load("t.yaml", &Only(&text), &Parameters { values, ..Parameters::default() });
    remarks(&loaded).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_value_that_the_declaration_does_not_allow_is_refused() {
    let pattern = "Type: String, AllowedPattern: 'x+'";
    assert_eq!(said(pattern, "xx"), "");
    assert_eq!(
        said(pattern, "xxy"),
        "refused t.yaml:2:3: `xxy` does not match the AllowedPattern of the parameter `P`"
    );
    let hidden = "Type: String, NoEcho: true, AllowedPattern: 'x+'";
    assert_eq!(
        said(hidden, "secret"),
        "refused t.yaml:2:3: `****` does not match the AllowedPattern of the parameter `P`"
    );
    let unreadable = "Type: String, AllowedPattern: '(?=x)x'";
    assert_eq!(
        said(unreadable, "x"),
        "refused t.yaml:2:38: the AllowedPattern of the parameter `P` cannot be read here"
    );
    let number = "Type: Number, MinValue: 2, MaxValue: 4";
    assert_eq!(said(number, "3.5"), "");
    assert_eq!(said(number, "abc"), "refused t.yaml:2:3: `abc` is no number, as the parameter `P` asks for");
    assert_eq!(said(number, "5"), "refused t.yaml:2:3: `5` is out of the range of the parameter `P`");
    assert_eq!(
        said("Type: 'List<Number>', MaxValue: 4", "1, 5"),
        "refused t.yaml:2:3: `1, 5` is out of the range of the parameter `P`"
    );
}

#[test]
fn an_empty_template_says_so() {
    for text in ["", "\n", "# nothing\n"] {
        let loaded = super::load_text(text);
        assert_eq!(
            remarks(&loaded),
            "refused template.yaml:1:1: the template is empty\n  hint: it needs at least `Resources`"
        );
    }
}
