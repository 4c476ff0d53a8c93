//! What whoever writes a rule must be allowed to do themselves: a rule does for nobody what they may
//! not do, or the right to write rules would be the right to everything that rules can do.

use hearth_auth::{Denied, Principal, ask};
use hearth_rules::{Action, Mode, Rule};

use crate::{Hub, error::Result};

impl Hub {
    /// # Errors
    /// `denied` for an action that one may not do; `proof_needed` for a rule that disarms, as for
    /// disarming.
    pub(super) async fn require_rights(&self, who: &Principal, rule: &Rule) -> Result<()> {
        for action in &rule.then {
            self.require_right(who, action)?;
        }
        let disarms = |action: &Action| *action == Action::Arm { mode: Mode::Disarmed };
        if rule.then.iter().any(disarms) {
            self.proved(who).await?;
        }
        Ok(())
    }

    fn require_right(&self, who: &Principal, action: &Action) -> std::result::Result<(), Denied> {
        let policy = self.policy();
        match action {
            Action::Siren { .. }
            | Action::Switch { .. }
            | Action::Set { .. }
            | Action::Privacy { .. } => policy.house::<ask::ControlDevices>(who).map(drop),
            Action::Preset { camera, .. } => policy.camera::<ask::Control>(who, *camera).map(drop),
            Action::Arm { .. } => policy.house::<ask::Arm>(who).map(drop),
            Action::HoldClip { .. } => policy.house::<ask::ManageHolds>(who).map(drop),
            Action::Webhook { .. } | Action::Mqtt { .. } => {
                policy.house::<ask::ManageNotifications>(who).map(drop)
            }
            // To say so is what rules are for; recording adds to what the schedule says.
            Action::Notify { .. }
            | Action::Record { .. }
            | Action::Alert { .. }
            | Action::Log { .. } => Ok(()),
        }
    }
}
