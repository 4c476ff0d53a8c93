//! Makes the reels of a house before it opens: all at once, and equal ones only once.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::{Content, HouseError, HouseSpec, Reel, ReelError};

/// The reels of each camera, main and sub.
pub(crate) type Reels = Vec<(Arc<Reel>, Option<Arc<Reel>>)>;

/// A reel that is being made, for the first camera that wants it.
struct Opening {
    content: Content,
    camera: String,
    task: JoinHandle<Result<Arc<Reel>, ReelError>>,
}

/// Makes what the cameras show. If the house is to be encoded ahead, whole loops.
pub(crate) async fn open_reels(spec: &HouseSpec) -> Result<Reels, HouseError> {
    let mut openings: Vec<Opening> = Vec::new();
    let mut places = Vec::new();
    for camera in &spec.cameras {
        let mut place_of = |content: &Content| {
            let content = content.for_protocol(camera.protocol);
            let known = openings.iter().position(|opening| opening.content.is_same(&content));
            known.unwrap_or_else(|| {
                let ahead = spec.encoded_ahead;
                let wanted = content.clone();
                let task = tokio::task::spawn_blocking(move || open_reel(wanted, ahead));
                openings.push(Opening { content, camera: camera.name.clone(), task });
                openings.len() - 1
            })
        };
        places.push((place_of(&camera.main), camera.sub.as_ref().map(&mut place_of)));
    }
    let mut reels = Vec::with_capacity(openings.len());
    for Opening { camera, task, .. } in openings {
        let opened = task.await.unwrap_or_else(|_| Err(ReelError::stopped()));
        reels.push(opened.map_err(|source| HouseError::Content { camera, source })?);
    }
    let reel = |place: usize| Arc::clone(&reels[place]);
    Ok(places.into_iter().map(|(main, sub)| (reel(main), sub.map(reel))).collect())
}

/// Makes what a camera shows; the whole loop if it is to be encoded ahead. Blocks meanwhile.
pub(crate) fn open_reel(content: Content, ahead: bool) -> Result<Arc<Reel>, ReelError> {
    let reel = match content {
        Content::Scene(spec) => Arc::new(Reel::from_scene(spec)?),
        Content::File(path) => Arc::new(Reel::from_file(&path)?),
        Content::Reel(reel) => reel,
    };
    if ahead {
        reel.complete();
    }
    Ok(reel)
}

impl Content {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scene(one), Self::Scene(other)) => one == other,
            (Self::File(one), Self::File(other)) => one == other,
            (Self::Reel(one), Self::Reel(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}
