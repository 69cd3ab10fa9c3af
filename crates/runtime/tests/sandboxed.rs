//! Functions in real sandboxes, through the public way in. A program of its own: the spawner is this binary again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test program without libtest's harness, which is what clippy goes by"
)]

mod common;

use std::process::ExitCode;
use std::time::Duration;

use burgward_runtime::{Invocation, InvokeError, Isolation};
use burgward_types::RequestId;
use common::{House, REQUEST, text};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(burgward_sandbox::SPAWNER_ARG) {
        return burgward_sandbox::spawner_main();
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build().unwrap();
    runtime.block_on(run(&wanted))
}

macro_rules! tests {
    ($($name:ident),* $(,)?) => {
        async fn run(wanted: &[String]) -> ExitCode {
            let house: &'static House = Box::leak(Box::new(House::new()));
            let mut failed = 0;
            $(if wanted.is_empty() || wanted.iter().any(|part| stringify!($name).contains(part.as_str())) {
                let passed = tokio::spawn($name(house)).await.is_ok();
                println!("test {} ... {}", stringify!($name), if passed { "ok" } else { "FAILED" });
                failed += u32::from(!passed);
            })*
            let _ = std::fs::remove_dir_all(&house.code);
            println!("{failed} failed");
            ExitCode::from(u8::from(failed > 0))
        }
    };
}

tests!(
    an_event_comes_back,
    the_context_and_the_environment_are_lambdas,
    a_log_has_the_functions_lines_between_lambdas,
    an_exception_is_an_error_object,
    a_crash_is_an_exit_error_and_the_next_call_works,
    a_hanging_function_times_out,
    memory_beyond_the_limit_kills,
    seven_megabytes_are_refused,
    what_is_no_json_is_a_marshal_error,
    a_log_flood_is_cut_visibly,
    the_runtime_api_refuses_a_second_next,
    forged_calls_are_refused,
    an_invocation_is_answered_once,
    an_error_type_is_sanitised,
    connections_from_inside_are_bounded,
    a_broken_answer_can_be_repeated,
    modules_that_do_not_load_say_why,
    init_that_exits_or_hangs,
    a_sandbox_is_reused,
    invocation_isolation_forgets,
    concurrency_is_limited,
    the_aws_endpoint_knows_the_sandbox,
    a_function_that_answers_and_stays_is_replaced,
    a_probe_runs_in_the_functions_place,
    keys_end_with_their_sandboxes,
    functions_can_be_replaced,
    a_dropped_call_leaves_no_broken_sandbox,
    payloads_and_names_are_judged_first,
    a_frozen_sandbox_wakes,
    later_layers_win,
);

async fn an_event_comes_back(house: &House) {
    let f = house.start(house.function("app.echo"));
    let first = f.invoke(r#"{"a": [1, "ü", null]}"#).await;
    insta::assert_snapshot!(text(&first), @r#"{"a": [1, "\u00fc", null]}"#);
    assert_eq!((first.cold, first.function_error), (true, None));
    assert!(!f.invoke("1").await.cold);
    let f = house.start(house.function("app.numbers"));
    insta::assert_snapshot!(f.answer("{}").await, @r#"{"n": 1.10, "t": [1, null, true], "s": "\u00fc"}"#);
    let large = format!("\"{}\"", "x".repeat(5 << 20));
    let f = house.start(house.function("app.echo"));
    assert_eq!(f.answer(&large).await, large);
}

async fn the_context_and_the_environment_are_lambdas(house: &House) {
    let f = house.start(house.function("app.describe"));
    let mut call = Invocation::new(RequestId::from_text(REQUEST), "{}");
    call.client_context = Some(r#"{"custom": {"k": "v"}}"#.to_owned());
    call.trace_id = Some("Root=1-2-3".to_owned());
    let invoked = f.runtime.invoke("f", call).await.unwrap();
    insta::assert_snapshot!(text(&invoked).replace(house.runtime.name(), "PYTHON"), @r#"{"name": "f", "version": "$LATEST", "memory": "256", "arn": "arn:aws:lambda:eu-west-1:123456789012:function:f", "group": "/aws/lambda/f", "stream": true, "time": true, "client": {"k": "v"}, "trace": "Root=1-2-3", "cwd": "/var/task", "path": ["/var/task", "/opt/python/lib/PYTHON/site-packages", "/opt/python", "/var/runtime"], "at_init": ["AWS_ACCESS_KEY_ID", "AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"], "ca": "the certificate"}"#);
}

async fn a_log_has_the_functions_lines_between_lambdas(house: &House) {
    let f = house.start(house.function("app.speak"));
    let invoked = f.invoke("{}").await;
    let mut lines: Vec<String> = f.lines().iter().map(|line| without_numbers(line)).collect();
    // The two pipes have no order between them.
    lines[2..6].sort();
    insta::assert_snapshot!(lines.join("\n"), @"
    INIT_START Runtime Version: python.
    START RequestId: 11111111-2222-4333-8444-555555555555 Version: $LATEST
    [INFO]	--T::.Z	11111111-2222-4333-8444-555555555555	to the logger
    no line break
    to stderr
    to stdout
    END RequestId: 11111111-2222-4333-8444-555555555555
    REPORT RequestId: 11111111-2222-4333-8444-555555555555	Duration: . ms	Billed Duration:  ms	Memory Size:  MB	Max Memory Used:  MB	Init Duration: . ms
    ");
    assert!(invoked.log_tail.starts_with("START RequestId"), "{}", invoked.log_tail);
}

/// Digits of what differs from run to run become `#`.
fn without_numbers(line: &str) -> String {
    let mut out = String::new();
    for part in line.split_inclusive(['\t', ' ']) {
        let varies = part.contains('.') || part.contains("Z\t") || part.trim_end().parse::<u64>().is_ok();
        out.extend(part.chars().filter(|c| !varies || !c.is_ascii_digit()));
    }
    out
}

async fn an_exception_is_an_error_object(house: &House) {
    let f = house.start(house.function("app.fail"));
    let invoked = f.invoke(r#"{"what": "x"}"#).await;
    insta::assert_snapshot!(text(&invoked), @r#"{"errorMessage": "no such thing: x", "errorType": "ValueError", "requestId": "11111111-2222-4333-8444-555555555555", "stackTrace": ["  File \"/var/task/app.py\", line 58, in fail\n    raise ValueError(\"no such thing: \" + event[\"what\"])\n"]}"#);
    insta::assert_snapshot!(format!("{:?} {:?}", invoked.function_error, invoked.error_type), @r#"Some("Unhandled") Some("Function.Unknown")"#);
    let line = f.lines().into_iter().find(|line| line.starts_with("[ERROR]")).unwrap();
    insta::assert_snapshot!(line.replace('\r', "\n"), @r#"
    [ERROR] ValueError: no such thing: x
    Traceback (most recent call last):
      File "/var/task/app.py", line 58, in fail
        raise ValueError("no such thing: " + event["what"])
    "#);
    let again = f.invoke("{}").await;
    assert!(text(&again).contains("KeyError"), "{}", text(&again));
    assert!(!again.cold);
}

async fn a_crash_is_an_exit_error_and_the_next_call_works(house: &House) {
    let f = house.start(house.function("app.crash"));
    let invoked = f.invoke("{}").await;
    insta::assert_snapshot!(text(&invoked), @r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 11111111-2222-4333-8444-555555555555 Error: Runtime exited with error: exit status 3"}"#);
    assert!(f.lines().contains(&"last words".to_owned()));
    assert!(f.invoke("{}").await.cold);
}

async fn a_hanging_function_times_out(house: &House) {
    let f =
        house.start(burgward_runtime::FunctionConfig { timeout: Duration::from_secs(1), ..house.function("app.hang") });
    let invoked = f.invoke("{}").await;
    insta::assert_snapshot!(text(&invoked), @r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 11111111-2222-4333-8444-555555555555 Error: Task timed out after 1.00 seconds"}"#);
    let line = f.lines().into_iter().find(|line| line.contains("Task timed out")).unwrap();
    assert!(line.ends_with(&format!("Z {REQUEST} Task timed out after 1.00 seconds")), "{line}");
}

async fn memory_beyond_the_limit_kills(house: &House) {
    let f = house.start(burgward_runtime::FunctionConfig { memory_mb: 128, ..house.function("app.eat") });
    insta::assert_snapshot!(f.answer("{}").await, @r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 11111111-2222-4333-8444-555555555555 Error: Runtime exited with error: signal: killed"}"#);
}

async fn seven_megabytes_are_refused(house: &House) {
    let f = house.start(house.function("app.big"));
    let invoked = f.invoke("{}").await;
    insta::assert_snapshot!(text(&invoked), @r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#);
    assert!(!f.invoke("{}").await.cold, "the sandbox goes on");
}

async fn what_is_no_json_is_a_marshal_error(house: &House) {
    let f = house.start(house.function("app.unmarshallable"));
    insta::assert_snapshot!(f.answer("{}").await, @r#"{"errorMessage": "Unable to marshal response: Object of type object is not JSON serializable", "errorType": "Runtime.MarshalError", "requestId": "11111111-2222-4333-8444-555555555555", "stackTrace": []}"#);
    insta::assert_snapshot!(f.answer("{").await, @r#"{"errorMessage": "Unable to unmarshal input: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)", "errorType": "Runtime.UnmarshalError", "requestId": "11111111-2222-4333-8444-555555555555", "stackTrace": []}"#);
}

async fn a_log_flood_is_cut_visibly(house: &House) {
    let f = house
        .start(burgward_runtime::FunctionConfig { timeout: Duration::from_mins(1), ..house.function("app.flood") });
    assert_eq!(f.answer("{}").await, "\"done\"");
    let lines = f.lines();
    let told = |text: &str| lines.iter().filter(|line| line.starts_with(text)).count();
    assert!(told("line ") < 59_000, "{} lines", told("line "));
    assert!(told("BURGWARD log limit reached") >= 1);
    assert_eq!(told("BURGWARD log limit reached"), told("BURGWARD log limit: "));
}

async fn the_runtime_api_refuses_a_second_next(house: &House) {
    let f = house.start(house.function("app.second_next"));
    insta::assert_snapshot!(f.answer("{}").await, @r#"[403, "InvalidStateTransition"]"#);
}

async fn forged_calls_are_refused(house: &House) {
    let f = house.start(house.function("app.forge"));
    insta::assert_snapshot!(f.answer("{}").await, @r#"[[400, "InvalidRequestID"], [400, "InvalidRequestID"], [403, "InvalidStateTransition"], [404, "NotFound"], [404, "NotFound"]]"#);
}

async fn an_invocation_is_answered_once(house: &House) {
    let f = house.start(house.function("app.double"));
    insta::assert_snapshot!(f.answer("{}").await, @r#""first""#);
    f.invoke("{}").await;
    let lines = f.lines();
    let line = lines.iter().find(|line| line.starts_with("[[")).unwrap();
    insta::assert_snapshot!(line, @r#"[[202, null], [403, "InvalidStateTransition"]]"#);
}

async fn an_error_type_is_sanitised(house: &House) {
    let f = house.start(house.function("app.lying_type"));
    let invoked = f.invoke("{}").await;
    insta::assert_snapshot!(format!("{} {:?}", text(&invoked), invoked.error_type), @r#"{"errorType": "x"} Some("Function.Unknown")"#);
}

async fn connections_from_inside_are_bounded(house: &House) {
    let f = house.start(house.function("app.connections"));
    // One of the sixteen is the bootstrap's own.
    insta::assert_snapshot!(f.answer("{}").await, @"185");
}

async fn a_broken_answer_can_be_repeated(house: &House) {
    let f = house.start(house.function("app.slow_post"));
    insta::assert_snapshot!(f.answer("{}").await, @r#""whole""#);
}

async fn modules_that_do_not_load_say_why(house: &House) {
    let mut answers = Vec::new();
    for handler in ["absent.f", "app.absent", "wrong.handler", "broken.handler", "sys.exit", "nodot"] {
        let f = house.start(house.function(handler));
        let invoked = f.invoke("{}").await;
        let answer = text(&invoked);
        // Interpreters differ in what they say and in the frames of their importers.
        let (said, _) = answer.split_once("\"stackTrace\"").unwrap();
        answers.push(format!(
            "{} {}",
            said.trim_end().replace("expected ':'", "invalid syntax"),
            invoked.error_type.unwrap()
        ));
    }
    insta::assert_snapshot!(answers.join("\n"), @r#"
    {"errorMessage": "Unable to import module 'absent': No module named 'absent'", "errorType": "Runtime.ImportModuleError", "requestId": "", Runtime.ImportModuleError
    {"errorMessage": "Handler 'absent' missing on module 'app'", "errorType": "Runtime.HandlerNotFound", "requestId": "", Runtime.HandlerNotFound
    {"errorMessage": "Syntax error in module 'wrong': invalid syntax (wrong.py, line 1)", "errorType": "Runtime.UserCodeSyntaxError", "requestId": "", Runtime.UserCodeSyntaxError
    {"errorMessage": "this module cannot be loaded", "errorType": "RuntimeError", "requestId": "", Runtime.Unknown
    {"errorMessage": "Cannot use built-in module sys as a handler module", "errorType": "Runtime.BuiltInModuleConflict", "requestId": "", Runtime.BuiltInModuleConflict
    {"errorMessage": "Bad handler 'nodot': not enough values to unpack (expected 2, got 1)", "errorType": "Runtime.MalformedHandlerName", "requestId": "", Runtime.MalformedHandlerName
    "#);
}

async fn init_that_exits_or_hangs(house: &House) {
    let f = house.start(house.function("leaves.f"));
    insta::assert_snapshot!(f.answer("{}").await, @r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 11111111-2222-4333-8444-555555555555 Error: Runtime exited without providing a reason"}"#);
    let f =
        house.start(burgward_runtime::FunctionConfig { timeout: Duration::from_secs(1), ..house.function("slow.f") });
    insta::assert_snapshot!(f.answer("{}").await, @r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 11111111-2222-4333-8444-555555555555 Error: Task timed out after 1.00 seconds"}"#);
    let tries = f.lines().iter().filter(|line| *line == "loading").count();
    assert_eq!(tries, 2, "once for ten seconds, once under the function's timeout");
}

async fn a_sandbox_is_reused(house: &House) {
    let f = house.start(house.function("app.marker"));
    assert_eq!((f.answer("{}").await, f.answer("{}").await), ("false".to_owned(), "true".to_owned()));
}

async fn invocation_isolation_forgets(house: &House) {
    let f = house
        .start(burgward_runtime::FunctionConfig { isolation: Isolation::Invocation, ..house.function("app.marker") });
    let mut seen = Vec::new();
    for _ in 0..3 {
        let invoked = f.invoke("{}").await;
        assert_eq!(text(&invoked), "false");
        seen.push(invoked.sandbox);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

async fn concurrency_is_limited(house: &House) {
    let f = house.start(burgward_runtime::FunctionConfig { max_concurrency: Some(2), ..house.function("app.nap") });
    let (a, b, c) = tokio::join!(f.try_invoke("{}"), f.try_invoke("{}"), f.try_invoke("{}"));
    let throttled = [a, b, c].iter().filter(|r| matches!(r, Err(InvokeError::Throttled(_)))).count();
    assert_eq!(throttled, 1);
    let f = house.start(burgward_runtime::FunctionConfig { max_concurrency: Some(0), ..house.function("app.nap") });
    insta::assert_snapshot!(f.try_invoke("{}").await.unwrap_err(), @r#"
    rate exceeded for function `f`
      hint: raise its `ReservedConcurrentExecutions`, or retry later
    "#);
}

async fn the_aws_endpoint_knows_the_sandbox(house: &House) {
    let f = house.start(house.function("app.aws"));
    let invoked = f.invoke("{}").await;
    assert_eq!(text(&invoked), format!("\"{}\"", invoked.sandbox));
}

async fn a_function_that_answers_and_stays_is_replaced(house: &House) {
    let f = house.start(burgward_runtime::FunctionConfig { max_concurrency: Some(1), ..house.function("app.late") });
    let (first, second) = (f.invoke("{}").await, f.invoke("{}").await);
    assert_eq!((text(&first), text(&second)), ("\"early\"".to_owned(), "\"early\"".to_owned()));
    assert_ne!(first.sandbox, second.sandbox);
}

async fn a_probe_runs_in_the_functions_place(house: &House) {
    let f = house.start(house.function("app.echo"));
    let code = "import os\ndef handler(event, context):\n    import app\n    return [event, os.environ['TABLE'], app.AT_INIT[0]]\n";
    let answer = f.runtime.probe("f", code, "7".into()).await.unwrap();
    insta::assert_snapshot!(String::from_utf8_lossy(&answer), @r#"[7, "t", "AWS_ACCESS_KEY_ID"]"#);
}

async fn keys_end_with_their_sandboxes(house: &House) {
    let f = house.start(house.function("app.echo"));
    f.invoke("1").await;
    assert_eq!(f.host.revoked.lock().unwrap().len(), 0);
    f.runtime.drain().await;
    assert_eq!(*f.host.revoked.lock().unwrap(), *f.host.issued.lock().unwrap());
    insta::assert_snapshot!(f.try_invoke("1").await.unwrap_err(), @r#"
    the platform failed: it is shutting down
      hint: `burgward selftest` shows what works on this machine
    "#);
}

async fn functions_can_be_replaced(house: &House) {
    let f = house.start(house.function("app.counter"));
    assert_eq!((f.answer("1").await, f.answer("1").await), ("1".to_owned(), "2".to_owned()));
    f.runtime.replace(vec![house.function("app.counter")]).unwrap();
    assert_eq!(f.answer("1").await, "1");
    let twice = f.runtime.replace(vec![house.function("a.b"), house.function("a.c")]).unwrap_err();
    insta::assert_snapshot!(twice, @r#"
    function `f` is defined twice
      hint: give one of them another name
    "#);
    assert_eq!(f.answer("1").await, "2", "nothing was replaced");
}

async fn a_dropped_call_leaves_no_broken_sandbox(house: &House) {
    let f = house.start(burgward_runtime::FunctionConfig { max_concurrency: Some(1), ..house.function("app.nap") });
    f.invoke("{}").await;
    let dropped = tokio::time::timeout(Duration::from_millis(50), f.try_invoke("{}")).await;
    assert!(dropped.is_err());
    assert!(matches!(f.try_invoke("{}").await, Err(InvokeError::Throttled(_))), "it runs on");
    while matches!(f.try_invoke("{}").await, Err(InvokeError::Throttled(_))) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!f.invoke("{}").await.cold);
}

async fn payloads_and_names_are_judged_first(house: &House) {
    let f = house.start(house.function("app.echo"));
    insta::assert_snapshot!(f.try_invoke(&"x".repeat(7 << 20)).await.unwrap_err(), @r#"
    the payload of 7340032 bytes is larger than 6291556 bytes
      hint: pass large data through a bucket
    "#);
    let call = || Invocation::new(RequestId::random(), "1");
    insta::assert_snapshot!(f.runtime.invoke("g", call()).await.unwrap_err(), @r#"
    function `g` not found
      hint: `burgward plan` lists the functions of the template
    "#);
    let smuggled = Invocation { client_context: Some("{}\r\nX: y".to_owned()), ..call() };
    insta::assert_snapshot!(f.runtime.invoke("f", smuggled).await.unwrap_err(), @r#"
    `client context` holds characters that a header cannot carry
      hint: control characters have to be escaped
    "#);
}

async fn a_frozen_sandbox_wakes(house: &House) {
    let f = house.start(house.function("app.counter"));
    f.invoke("1").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let invoked = f.invoke("1").await;
    assert_eq!((text(&invoked).as_str(), invoked.cold), ("2", false));
}

async fn later_layers_win(house: &House) {
    let layers = ["one", "two"].map(|name| house.layer(name, &[("layer.txt", name), (name, "")]));
    let f =
        house.start(burgward_runtime::FunctionConfig { layer_dirs: layers.to_vec(), ..house.function("app.layers") });
    insta::assert_snapshot!(f.answer("{}").await, @r#"["two", ["layer.txt", "one", "two"]]"#);
}
