//! Tasks and jobs: what a gateway hands in and what a worker does with them.

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::PullConsumer;
use futures_util::StreamExt;
use mistersmith_common::messages::{
    Envelope, Job, JobResult, Name, Outcome, Priority, Task, TaskProgress, TaskResult, TaskState,
};
use mistersmith_common::publish::{publish, publish_as};
use mistersmith_common::trace::Trace;
use uuid::Uuid;

use super::{SOON, System};

impl System {
    /// Submits a task as the gateway does.
    pub async fn submit(&self, prompt: &str, priority: Priority) -> Uuid {
        let task = Task {
            task_id: Uuid::now_v7(),
            prompt: prompt.to_owned(),
            role: None,
            priority,
            budget_usd: None,
            timeout_ms: None,
            session_id: None,
            submitted_by: "test".to_owned(),
        };
        self.submit_task(task, &Trace::start()).await
    }

    /// Submits this task.
    pub async fn submit_task(&self, task: Task, trace: &Trace) -> Uuid {
        let id = task.task_id;
        let queued = TaskProgress {
            task_id: id,
            state: TaskState::Queued,
            agent_id: None,
            job_id: None,
            worker_id: None,
            attempt: None,
            task: Some(task.clone()),
        };
        let js = &self.nats.jetstream;
        publish(js, format!("tasks.{id}.progress"), &Envelope::new(queued), trace)
            .await
            .unwrap();
        let queue = serde_json::to_value(task.priority).unwrap();
        let subject = format!("tasks.queue.{}", queue.as_str().unwrap());
        publish_as(js, subject, &id.to_string(), &Envelope::new(task), trace)
            .await
            .unwrap();
        id
    }

    /// The next job, as a worker pulls it.
    pub async fn next_job(&self) -> (Envelope<Job>, Message) {
        let consumer: PullConsumer = self
            .nats
            .jetstream
            .get_consumer_from_stream("workers", "WORK")
            .await
            .unwrap();
        let mut batch = consumer
            .batch()
            .max_messages(1)
            .expires(SOON)
            .messages()
            .await
            .unwrap();
        let message = batch.next().await.expect("a job in time").unwrap();
        (Envelope::decode(&message.payload).unwrap(), message)
    }

    /// Publishes the result of a job and acknowledges it, as a worker does.
    pub async fn finish_job(&self, job: &Job, message: &Message) {
        let result = JobResult {
            task_id: job.task_id,
            job_id: job.job_id.clone(),
            agent_id: job.agent_id.clone(),
            worker_id: Name::new("worker-1").unwrap(),
            outcome: Outcome::Succeeded,
            result: Some("Done.".to_owned()),
            error: None,
            cost_usd: 0.25,
            duration_ms: 7,
            turns: Some(1),
            session_id: None,
        };
        let subject = format!("jobs.{}.result", job.job_id);
        let identity = format!("{}-result", job.job_id);
        let trace = Trace::of(message.headers.as_ref());
        publish_as(
            &self.nats.jetstream,
            subject,
            &identity,
            &Envelope::new(result),
            &trace,
        )
        .await
        .unwrap();
        // A test may block its thread afterwards, so the server has to have it before.
        message.double_ack().await.unwrap();
    }

    /// The result of a task from the stream.
    pub async fn result_of(&self, task: Uuid) -> TaskResult {
        let message = self.first_on("RESULTS", &format!("tasks.{task}.result")).await;
        Envelope::<TaskResult>::decode(&message.payload).unwrap().payload
    }
}
