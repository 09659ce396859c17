/** A publication for a terminal: what would be done, or what was done. */
import type { RepositoryChange } from "./repository.ts";
import type { TagStep } from "./tag-plan.ts";

const SIGNS = {
  create: "+",
  push: "+",
  update: "~",
  move: "~",
  keep: "=",
  present: "=",
  conflict: "!",
} as const;

/** Everything that a publication touches. */
export interface PublicationPlan {
  /** Prefix of the references. */
  address: string;
  /** Empty where repositories come into being by a push. */
  repositories: readonly RepositoryChange[];
  tags: readonly TagStep[];
}

/** Writes the plan as a difference: + is new, ~ changes, = stays, ! is refused. */
export function planText(plan: PublicationPlan, done: boolean): string {
  return [
    `registry ${plan.address}`,
    ...plan.repositories.map(repositoryLine),
    ...plan.tags.map(tagLine),
    summary(plan, done),
  ].join("\n");
}

function repositoryLine({ name, action, differences }: RepositoryChange): string {
  const detail = {
    create: "new repository",
    update: `settings: ${differences.join(", ")}`,
    keep: "unchanged",
  };
  return `${SIGNS[action]} ${name}  ${detail[action]}`;
}

function tagLine({ repository, tag, digest, held, action }: TagStep): string {
  const detail = {
    push: digest,
    present: `${digest} present, nothing uploaded`,
    move: `${held} -> ${digest}`,
    conflict: `holds ${held}, this build is ${digest}`,
  };
  return `${SIGNS[action]} ${repository}:${tag}  ${detail[action]}`;
}

function summary({ repositories, tags }: PublicationPlan, done: boolean): string {
  const count = (action: TagStep["action"]) => tags.filter((step) => step.action === action).length;
  const created = repositories.filter((change) => change.action === "create").length;
  const updated = repositories.filter((change) => change.action === "update").length;
  const words = done
    ? ["created", "updated", "pushed", "moved"]
    : ["to create", "to update", "to push", "to move"];
  const conflicts = count("conflict") > 0 ? `, ${count("conflict")} refused` : "";
  return (
    `${created} repositories ${words[0]}, ${updated} ${words[1]}; ` +
    `${count("push")} tags ${words[2]}, ${count("move")} ${words[3]}, ${count("present")} present${conflicts}`
  );
}
