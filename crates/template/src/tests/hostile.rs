//! Templates that are broken or mean harm: a clear error in bounded time, and never a panic.

use super::{load_text, remarks};

#[test]
fn a_billion_laughs_end() {
    let mut text = String::from("Resources:\n  A: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let aliases = vec![format!("*l{}", level - 1); 10].join(", ");
        text = format!("{text}  B{level}: &l{level} [{aliases}]\n");
    }
    let loaded = load_text(&text);
    assert!(remarks(&loaded).contains("the document expands to more than 200000 values"));
}

#[test]
fn deep_nesting_ends() {
    let loaded = load_text(&format!("Resources: {}", "[".repeat(20_000)));
    insta::assert_snapshot!(remarks(&loaded), @r#"
    refused template.yaml:1:267: not valid YAML: recursion limit exceeded
      hint: mend the syntax at this place
    "#);
    let loaded = load_text(&format!("Resources: {}{}\n", "[".repeat(150), "]".repeat(150)));
    assert!(remarks(&loaded).contains("nested deeper than 100 levels"));
}

#[test]
fn no_prefix_of_a_template_panics() {
    let text = "Transform: AWS::Serverless-2016-10-31\nParameters:\n  P: {Type: String, Default: é}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: !Sub '${P}.${Q.Arn}', Role: !GetAtt F.Role, Runtime: &a !If [C, *a, !Ref P]}\n";
    for (end, _) in text.char_indices() {
        let (before, after) = text.split_at(end);
        let _ = (load_text(before), load_text(after));
    }
}

#[test]
fn circles_end() {
    let loaded = load_text(
        "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources:\n  T:\n    Type: AWS::S3::Bucket\n    Condition: A\n    Properties:\n      BucketName: !Ref U\n  U:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Ref T\n",
    );
    assert!(loaded.refused.iter().any(|d| d.message.contains("refers to itself")), "{}", remarks(&loaded));
}

#[test]
fn properties_that_need_themselves_end() {
    let loaded = load_text(
        "Resources:\n  P: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !GetAtt P.Value}}\n  R: {Type: AWS::IAM::Role, Properties: {Path: !GetAtt R.Arn, AssumeRolePolicyDocument: {}}}\n",
    );
    assert!(remarks(&loaded).contains("`P.Value` refers to itself"), "{}", remarks(&loaded));
}

#[test]
fn text_that_multiplies_ends() {
    let many = "${P}".repeat(50_000);
    let loaded = load_text(&format!(
        "Mappings: {{M: {{a: {{b: {}}}}}}}\nResources:\n  B: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: !Sub ['{many}', {{P: !FindInMap [M, a, b]}}]}}}}\n",
        "x".repeat(100_000)
    ));
    assert!(remarks(&loaded).contains("cannot be known here"), "{}", remarks(&loaded));
}

#[test]
fn several_errors_are_told_at_once() {
    let loaded = load_text(
        "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      Colour: red\n      AccessControl: PublicRead\n      Tags: []\n  B:\n    Type: AWS::EC2::Instance\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Ref Nobody\n      VersioningConfiguration: {Status: !ImportValue other}\n",
    );
    insta::assert_snapshot!(remarks(&loaded), @r#"
    refused template.yaml:8:3: `B` is a AWS::EC2::Instance: this type is not run here
      hint: `burgward plan` shows what runs; guard the resource with a condition to leave it out
    refused template.yaml:10:3: the name of `A` cannot be known here: `Nobody` does not exist
      hint: give it as a parameter value, or write it into the template
    refused template.yaml:13:24: `Nobody` is neither a parameter nor a resource of the template
      hint: check the spelling; names are case-sensitive
    listed template.yaml:10:3: `A` is set twice; the last one holds, `template.yaml:2` has no effect
      hint: remove one of them
    "#);
}

#[test]
fn sloppy_yaml_is_read_as_aws_reads_it() {
    let loaded = load_text(
        "Description: \"a text that\ngoes on in the first column\"\nResources:\n    B:\n        Type: AWS::S3::Bucket\n        Properties:\n          CorsConfiguration:\n            CorsRules:\n            - AllowedMethods:\n              - GET\n              AllowedOrigins: ['*']\n",
    );
    assert_eq!(remarks(&loaded), "");
    assert_eq!(loaded.app.unwrap().buckets[0].cors[0].allowed_methods, ["GET"]);
}
