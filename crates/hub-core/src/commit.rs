//! One durable write for many batches.

use sanctuary_types::{BatchId, Month, PartyId, Timestamp};

use crate::{
    CheckedBatch, Hub, HubError, PortError,
    hub::locked,
    ingest::{Ingest, Novelty, Reading},
    ports::{LogRow, PostingLog, StateStore},
    rows::{ITEMS_PER_ROW, Trailer, set_agency},
};

/// A batch with its place in the log.
struct Placed {
    job: usize,
    agency: u32,
    trailer: Trailer,
    rows: std::ops::Range<usize>,
}

/// See [`Hub::commit`].
pub(crate) fn commit<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    batches: Vec<CheckedBatch>,
    now: Timestamp,
) -> Vec<Result<(), HubError>> {
    let _one_at_a_time = locked(&hub.committing);
    let mut plan = Plan::of(&hub.ingest(), batches.len(), now);
    for batch in batches {
        plan.add(&hub.ingest(), batch);
    }
    if plan.placed.is_empty() {
        return plan.outcomes;
    }
    // No lock on the index while the disk works: rounds go on.
    if let Err(error) = hub.log.put(&plan.rows) {
        hub.ingest().failed = true;
        return plan.fail(error);
    }
    let reading = Reading {
        log: &hub.log,
        pepper: &hub.pepper,
        epoch: hub.options.accepts.epoch,
        month: Month::at(now),
    };
    let mut ingest = hub.ingest();
    for placed in &plan.placed {
        let rows = plan.rows[placed.rows.clone()].iter();
        let rows = rows.map(|(sequence, row)| (*sequence, row.as_slice()));
        if let Err(error) = ingest.apply(rows, placed.agency, &placed.trailer, &reading) {
            // Durable but not findable: the restart that `failed` asks for reads it back.
            ingest.failed = true;
            plan.outcomes[placed.job] = Err(error);
        }
    }
    ingest.next_row = ingest.next_row.max(plan.next_row);
    plan.outcomes
}

/// What a group will write, and the answer to each of its batches if the write succeeds.
struct Plan {
    outcomes: Vec<Result<(), HubError>>,
    placed: Vec<Placed>,
    rows: Vec<LogRow>,
    /// (agency, batch) -> content of batches earlier in this group, by job.
    in_group: Vec<(PartyId, BatchId, [u8; 32], [u8; 32])>,
    new_agencies: Vec<PartyId>,
    group: u64,
    next_row: u64,
    next_agency: u32,
    now: Timestamp,
    failed: bool,
}

impl Plan {
    fn of(ingest: &Ingest, jobs: usize, now: Timestamp) -> Self {
        Self {
            outcomes: Vec::with_capacity(jobs),
            placed: Vec::new(),
            rows: Vec::new(),
            in_group: Vec::new(),
            new_agencies: Vec::new(),
            group: ingest.next_row,
            next_row: ingest.next_row,
            next_agency: ingest.agencies.next_number(),
            now,
            failed: ingest.failed,
        }
    }

    fn add(&mut self, ingest: &Ingest, batch: CheckedBatch) {
        let outcome = self.place(ingest, batch);
        self.outcomes.push(outcome);
    }

    fn place(&mut self, ingest: &Ingest, batch: CheckedBatch) -> Result<(), HubError> {
        if self.failed {
            return Err(stopped());
        }
        let agency = ingest.agencies.number(&batch.agency);
        let stored = ingest.novelty(
            agency,
            batch.batch_id,
            &batch.content,
            &batch.postings_digest,
        )?;
        if stored == Novelty::Retry || self.novelty_in_group(&batch)? == Novelty::Retry {
            return Ok(());
        }
        let agency = agency.unwrap_or_else(|| self.number_new(&batch.agency));
        let last = self.next_row + batch.rows.len() as u64;
        if last >= u64::from(u32::MAX) / ITEMS_PER_ROW as u64 {
            return Err(HubError::LogExhausted);
        }
        self.write(agency, batch);
        Ok(())
    }

    /// As [`Ingest::novelty`], against batches of the same group.
    fn novelty_in_group(&self, batch: &CheckedBatch) -> Result<Novelty, HubError> {
        for (agency, id, content, postings) in &self.in_group {
            let own = *agency == batch.agency;
            if own && *id == batch.batch_id {
                return if *content == batch.content {
                    Ok(Novelty::Retry)
                } else {
                    Err(HubError::BatchIdReused {
                        batch: batch.batch_id,
                    })
                };
            }
            if *postings != [0; 32] && *postings == batch.postings_digest {
                let batch = batch.batch_id;
                return Err(if own {
                    HubError::ContentRepeated { batch }
                } else {
                    HubError::Replayed { batch }
                });
            }
        }
        Ok(Novelty::New)
    }

    fn number_new(&mut self, agency: &PartyId) -> u32 {
        let known = self.new_agencies.iter().position(|id| id == agency);
        let at = known.unwrap_or_else(|| {
            self.new_agencies.push(agency.clone());
            self.new_agencies.len() - 1
        });
        self.next_agency + at as u32
    }

    fn write(&mut self, agency: u32, batch: CheckedBatch) {
        let trailer = Trailer {
            rows: batch.rows.len() as u32,
            group: self.group,
            received: self.now,
            rules: batch.rules,
            batch: batch.batch_id,
            content: batch.content,
            postings: batch.postings_digest,
            agency: batch.agency.clone(),
        };
        let first = self.rows.len();
        let end = trailer.to_row(batch.epoch);
        for mut row in batch.rows.into_iter().chain([end]) {
            set_agency(&mut row, agency);
            self.rows.push((self.next_row, row));
            self.next_row += 1;
        }
        self.placed.push(Placed {
            job: self.outcomes.len(),
            agency,
            trailer,
            // The trailer itself is not a row to take in.
            rows: first..self.rows.len() - 1,
        });
        self.in_group.push((
            batch.agency,
            batch.batch_id,
            batch.content,
            batch.postings_digest,
        ));
    }

    /// Every `Ok` turns into the failure, retries included: their first copy may be in this group.
    fn fail(mut self, error: PortError) -> Vec<Result<(), HubError>> {
        let mut error = Some(error);
        for outcome in self.outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            *outcome = Err(error.take().map_or_else(stopped, HubError::Port));
        }
        self.outcomes
    }
}

fn stopped() -> HubError {
    HubError::LogStopped
}
