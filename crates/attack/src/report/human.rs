//! The report as a person reads it. Everything that an app answered is escaped.

use std::fmt::Write as _;

use burgward_diag::escape_terminal;

use super::{Attack, Report};

impl Report {
    /// A table: what got through, what the app stopped, and apart from that what the platform stopped.
    #[must_use]
    pub fn human(&self) -> String {
        let mut out = String::new();
        let all = || self.attacks.iter();
        section(&mut out, "THROUGH", all().filter(|attack| attack.through));
        let by_app = all().filter(|attack| !attack.through && !attack.is_platform_stop());
        section(&mut out, "STOPPED BY THE APP'S TEMPLATE AND CODE", by_app);
        let by_both = all().filter(|attack| attack.is_platform_stop() && !attack.is_burgward_stop());
        section(&mut out, "STOPPED BY THE PLATFORM, as AWS would", by_both);
        let by_us = all().filter(|attack| attack.is_burgward_stop());
        section(&mut out, "STOPPED BY BURGWARD ALONE: the template would be no help on AWS", by_us);
        for note in &self.notes {
            let _ = writeln!(out, "note: {}", escape_terminal(note));
        }
        let (through, of, platform) = (self.through(), self.attacks.len(), self.platform_stops());
        let _ = writeln!(
            out,
            "{through} of {of} attacks got through; {platform} were stopped by the platform, not by the app"
        );
        out
    }
}

fn section<'a>(out: &mut String, title: &str, attacks: impl Iterator<Item = &'a Attack>) {
    let attacks: Vec<&Attack> = attacks.collect();
    if attacks.is_empty() {
        return;
    }
    let width = |of: fn(&Attack) -> usize| attacks.iter().map(|attack| of(attack)).max().unwrap_or(0).min(48);
    let (targets, layers) = (width(|a| a.target.chars().count()), width(|a| a.stopped_by.name().len()));
    let _ = writeln!(out, "{title}");
    for attack in attacks {
        let who = who(attack);
        let layer = if attack.through { "" } else { attack.stopped_by.name() };
        let target = escape_terminal(&attack.target);
        let _ = writeln!(out, "  {who:8}  {target:targets$}  {layer:layers$}  {}", escape_terminal(&attack.tried));
        let place = attack.place.as_ref().map_or(String::new(), |place| format!("; {}", escape_terminal(place)));
        let came_back = escape_terminal(&attack.came_back);
        let _ = writeln!(out, "            -> {came_back} [on AWS: {}{place}]", attack.on_aws);
    }
    out.push('\n');
}

fn who(attack: &Attack) -> &'static str {
    match attack.attacker {
        super::Attacker::Outsider => "outsider",
        super::Attacker::Customer => "customer",
        super::Attacker::AssumedBreach => "breach",
    }
}
