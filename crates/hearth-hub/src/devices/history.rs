//! What was kept of a device's readings, however long ago it begins.

use hearth_model::{DeviceId, WallTime};
use hearth_store::READINGS_MAX;

use crate::{error::Result, house::House, identity::store_error};

/// Everything that is kept of a reading is read in fewer pages.
const PAGES_MAX: usize = 64;

impl House {
    /// What a device measured from `from` on and before `to`, oldest first.
    pub(crate) async fn kept_readings(
        &self,
        device: DeviceId,
        key: &str,
        mut from: WallTime,
        to: WallTime,
    ) -> Result<Vec<(WallTime, f64)>> {
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let page = self.store.readings(device, key, from, to).await.map_err(store_error)?;
            let is_full = page.len() >= READINGS_MAX as usize;
            let last = page.last().map(|(at, _)| *at);
            all.extend(page);
            match last {
                Some(last) if is_full => from = last.plus_micros(1),
                _ => break,
            }
        }
        Ok(all)
    }
}
