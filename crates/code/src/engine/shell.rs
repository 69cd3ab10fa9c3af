//! Commands that a shell reads.

use super::Engine;
use crate::facts::Place;
use crate::value::{Args, Shape, Val};

/// Functions that give their first argument to a shell.
const ALWAYS: &[&str] = &[
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "commands.getoutput",
    "commands.getstatusoutput",
    "asyncio.create_subprocess_shell",
    "asyncio.subprocess.create_subprocess_shell",
    "popen2.popen2",
    "popen2.popen3",
];
/// Functions that do if they are told `shell=True`.
const IF_TOLD: &[&str] =
    &["subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen"];

impl Engine<'_> {
    /// Notes a command that the event has a part in, if this runs one.
    pub(super) fn may_run_shell(&mut self, name: &str, args: &Args, place: Place) {
        let told = IF_TOLD.contains(&name);
        if !told && !ALWAYS.contains(&name) {
            return;
        }
        let Some(command) = args.get(0, if told { "args" } else { "cmd" }).or_else(|| args.named("command")) else {
            return;
        };
        let by_shell = !told || args.named("shell").or(args.named_rest.as_ref()).is_some_and(may_be_true);
        let taint = if by_shell { command.taint().cloned() } else { inner_shell(command) };
        if let Some(taint) = taint.filter(|taint| !taint.shell_safe) {
            self.found.shell(place, &taint, name);
        }
    }
}

fn may_be_true(val: &Val) -> bool {
    val.shapes().iter().any(|shape| matches!(shape, Shape::Bool(true) | Shape::Number | Shape::Unknown))
}

/// `["sh", "-c", command]`
fn inner_shell(command: &Val) -> Option<crate::value::Taint> {
    let [Shape::Seq(words)] = command.shapes() else { return None };
    let program = words.first()?.constant()?.rsplit('/').next()?;
    let shell = matches!(program, "sh" | "bash" | "dash" | "zsh" | "ksh");
    let flag = words.get(1)?.constant()?;
    if !shell || !flag.starts_with('-') || !flag.ends_with('c') {
        return None;
    }
    words.get(2)?.taint().cloned()
}
