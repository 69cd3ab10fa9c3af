//! What came of each attack, for programs; the human form is in `human`.

mod human;

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// Who attacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attacker {
    /// Has nothing.
    Outsider,
    /// Has a customer's valid token.
    Customer,
    /// Runs code inside one function's sandbox.
    AssumedBreach,
}

/// The layer that stopped an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoppedBy {
    /// The gateway asked for a token or key, or the authorizer refused it.
    GatewayAuthorizer,
    /// A throttle or a quota.
    GatewayThrottle,
    /// No policy allowed the call.
    Iam,
    /// The signature did not hold.
    Sigv4,
    /// The key belongs to another sandbox, or to one that is gone.
    KeyBinding,
    /// There is no way out of the sandbox.
    SandboxNetwork,
    /// The file or process is not there inside the sandbox, or cannot be written.
    SandboxFiles,
    /// Another request ran in another sandbox.
    Isolation,
    /// The Runtime API refused.
    RuntimeApi,
    /// The function's own code.
    Application,
    /// Nothing.
    None,
}

impl StoppedBy {
    /// True for layers that hold for every app alike, whatever its template says.
    fn is_platform(self) -> bool {
        match self {
            Self::Sigv4
            | Self::KeyBinding
            | Self::SandboxNetwork
            | Self::SandboxFiles
            | Self::Isolation
            | Self::RuntimeApi => true,
            Self::GatewayAuthorizer | Self::GatewayThrottle | Self::Iam | Self::Application | Self::None => false,
        }
    }

    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GatewayAuthorizer => "gateway-authorizer",
            Self::GatewayThrottle => "gateway-throttle",
            Self::Iam => "iam",
            Self::Sigv4 => "sigv4",
            Self::KeyBinding => "key-binding",
            Self::SandboxNetwork => "sandbox-network",
            Self::SandboxFiles => "sandbox-files",
            Self::Isolation => "isolation",
            Self::RuntimeApi => "runtime-api",
            Self::Application => "application",
            Self::None => "none",
        }
    }
}

/// What the same template would be worth on AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnAws {
    /// AWS stops it as well, for the same reason.
    Holds,
    /// AWS stops it only with this setting.
    Needs(Cow<'static, str>),
    /// The sandbox stops it, nothing on AWS would.
    OnlyUnderBurgward,
}

impl fmt::Display for OnAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("holds"),
            Self::Needs(setting) => write!(f, "needs {setting}"),
            Self::OnlyUnderBurgward => f.write_str("only under burgward"),
        }
    }
}

impl Serialize for OnAws {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One attack and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Attack {
    /// A stable name: kind, target and detail.
    pub id: String,
    /// Who attacked.
    pub attacker: Attacker,
    /// The route, function or store.
    pub target: String,
    /// What was tried.
    pub tried: String,
    /// What came back: short, without secrets.
    pub came_back: String,
    /// True only if a canary or a side effect was really obtained.
    pub through: bool,
    /// The layer that stopped it.
    pub stopped_by: StoppedBy,
    /// What holds on AWS.
    pub on_aws: OnAws,
    /// `file:line` of what is responsible, where known.
    pub place: Option<String>,
}

impl Attack {
    /// The same attack, which on AWS would need a setting to be stopped.
    pub(crate) fn needs(mut self, setting: &'static str) -> Self {
        self.on_aws = OnAws::Needs(setting.into());
        self
    }

    /// True if a platform stopped it, ours or AWS as well: such a stop is no merit of the template.
    #[must_use]
    pub fn is_platform_stop(&self) -> bool {
        !self.through && (self.stopped_by.is_platform() || self.on_aws != OnAws::Holds)
    }

    /// True if AWS would stop it only with a setting that this template does not have, or not at all.
    #[must_use]
    pub fn is_burgward_stop(&self) -> bool {
        !self.through && self.on_aws != OnAws::Holds
    }
}

/// All attacks of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In a stable order.
    pub attacks: Vec<Attack>,
    /// What could not be tried, and other things to know.
    pub notes: Vec<String>,
}

impl Report {
    /// How many got through.
    #[must_use]
    pub fn through(&self) -> usize {
        self.attacks.iter().filter(|attack| attack.through).count()
    }

    /// How many were stopped by a platform, not by anything in the template or the code.
    #[must_use]
    pub fn platform_stops(&self) -> usize {
        self.attacks.iter().filter(|attack| attack.is_platform_stop()).count()
    }

    /// `burgward/attack-v1`. `of` counts every attack; `platform_stops` of them are no merit of the template, and of
    /// those `burgward_stops` would not have been stopped on AWS.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "schema": "burgward/attack-v1",
            "attacks": self.attacks,
            "notes": self.notes,
            "through": self.through(),
            "of": self.attacks.len(),
            "platform_stops": self.platform_stops(),
            "burgward_stops": self.attacks.iter().filter(|attack| attack.is_burgward_stop()).count(),
        })
    }
}
