//! What operators said to an agent, kept for the prompt of its next task.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Texts that are kept; the oldest go first.
const KEPT: usize = 16;

/// Texts for the next prompt; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    texts: Arc<Mutex<VecDeque<String>>>,
}

impl Inbox {
    /// Keeps a text.
    pub fn put(&self, text: String) {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.len() == KEPT {
            texts.pop_front();
        }
        texts.push_back(text);
    }

    /// Takes every text, oldest first.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        self.texts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
            .collect()
    }
}
