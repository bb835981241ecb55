//! What was answered under an idempotency key: for a week, so that a retry is not done again.

use sanctuary_intake::api::{Answer, Asked, Remembered};
use sanctuary_node_core::NodeError;
use sanctuary_store::Batch;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use super::SledStore;

/// How long an answer is kept.
const KEPT_MS: u64 = 7 * 86_400_000;

#[derive(Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    print: [u8; 32],
    status: u16,
    body: String,
}

impl SledStore {
    /// The answer that was given under a caller's key.
    ///
    /// # Errors
    /// What the store gives.
    pub fn answer(
        &self,
        caller: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Remembered>, NodeError> {
        let Some(bytes) = self.answers.get(&self.answer_key(caller, key))? else {
            return Ok(None);
        };
        let kept: Kept =
            serde_json::from_slice(&bytes).map_err(|_| NodeError::Damaged("answer"))?;
        if kept.at.0 + KEPT_MS < now.0 {
            return Ok(None);
        }
        Ok(Some(Remembered {
            print: kept.print,
            answer: Answer {
                status: kept.status,
                body: kept.body.into_bytes(),
            },
        }))
    }

    /// Keeps an answer; durable when it returns.
    ///
    /// # Errors
    /// What the store gives.
    pub fn put_answer(
        &self,
        asked: &Asked,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<(), NodeError> {
        let kept = Kept {
            at: now,
            print: asked.print,
            status: answer.status,
            body: String::from_utf8(answer.body.clone())
                .map_err(|_| NodeError::Damaged("answer"))?,
        };
        let json = serde_json::to_vec(&kept).map_err(|_| NodeError::Damaged("answer"))?;
        let _writer = self.writer()?;
        let mut rows = Batch::default();
        let key = self.answer_key(&asked.caller, &asked.key);
        self.answers.put(&mut rows, &key, &json)?;
        self.apply(&[(self.answers.table(), rows)])
    }

    /// Removes answers older than a week; gives how many.
    ///
    /// # Errors
    /// What the store gives.
    pub fn forget_answers(&self, now: Timestamp) -> Result<u64, NodeError> {
        const AT_ONCE: usize = 1_000;
        let mut old = Vec::new();
        self.answers.for_each(&mut |key, bytes| {
            let kept: Kept =
                serde_json::from_slice(&bytes).map_err(|_| NodeError::Damaged("answer"))?;
            if kept.at.0 + KEPT_MS < now.0 {
                old.push(key.to_vec());
            }
            Ok(())
        })?;
        for keys in old.chunks(AT_ONCE) {
            let _writer = self.writer()?;
            let mut rows = Batch::default();
            for key in keys {
                self.answers.remove(&mut rows, key)?;
            }
            self.apply(&[(self.answers.table(), rows)])?;
        }
        Ok(old.len() as u64)
    }

    fn answer_key(&self, caller: &str, key: &str) -> [u8; 32] {
        let named = sanctuary_types::lp(&[caller.as_bytes(), key.as_bytes()]);
        self.sealer.index_key("answer", &named)
    }
}

#[cfg(test)]
mod tests {
    use sanctuary_store::Sealer;

    use super::*;

    #[test]
    fn an_answer_is_there_for_a_week_and_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let open = || SledStore::open(dir.path(), 8, Sealer::from_root_key(&[3; 32]).unwrap());
        let asked = Asked {
            caller: "cases".to_owned(),
            key: "k1".to_owned(),
            print: [4; 32],
        };
        let answer = Answer {
            status: 201,
            body: b"{}".to_vec(),
        };
        open()
            .unwrap()
            .put_answer(&asked, &answer, Timestamp(1_000))
            .unwrap();
        let store = open().unwrap();
        let found = |at: u64| store.answer("cases", "k1", Timestamp(at)).unwrap();
        let expected = Remembered {
            print: [4; 32],
            answer,
        };
        assert_eq!(found(1_000 + KEPT_MS), Some(expected));
        assert_eq!(found(1_001 + KEPT_MS), None);
        assert_eq!(store.answer("other", "k1", Timestamp(0)).unwrap(), None);
        assert_eq!(store.forget_answers(Timestamp(1_000)).unwrap(), 0);
        assert_eq!(store.forget_answers(Timestamp(2_000 + KEPT_MS)).unwrap(), 1);
        assert_eq!(found(1_000), None);
    }
}
