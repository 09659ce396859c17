/** A publication for a terminal: what would be done, or what was done. */
import type { PublicationPlan } from "./plan.ts";
import type { Difference, RepositoryChange } from "./repository.ts";
import type { TagStep } from "./tag-plan.ts";

const SIGNS = {
  create: "+",
  push: "+",
  update: "~",
  move: "~",
  none: "=",
  present: "=",
  conflict: "!",
} as const;

/** Settings whose values are too long for a line; the plan as JSON has them. */
const LONG: readonly Difference["setting"][] = ["lifecycle", "policy"];

/** Writes the plan as a difference: + is new, ~ changes, = stays, ! is refused. */
export function planText(plan: PublicationPlan, done: boolean): string {
  return [
    `registry ${plan.address}`,
    ...plan.repositories.flatMap(repositoryLines),
    ...plan.tags.map(tagLine),
    ...(plan.unconsented ?? []).map(
      ({ image, reason }) => `! ${image}  --accept-claude-terms is missing: ${reason}`,
    ),
    summary(plan, done),
  ].join("\n");
}

function repositoryLines({ name, action, differences, refused, notices }: RepositoryChange): string[] {
  const detail = { create: "new repository", update: "settings drifted", none: "unchanged" };
  return [
    `${SIGNS[action]} ${name}  ${detail[action]}`,
    ...(action === "update" ? differences.map((difference) => `    ${differenceText(difference)}`) : []),
    ...notices.map((notice) => `    ${notice}`),
    ...(refused ? [`! ${name}  ${refused}`] : []),
  ];
}

function differenceText({ setting, from, to }: Difference): string {
  if (LONG.includes(setting)) return `${setting}: ${from === "" ? "none -> ours" : "another -> ours"}`;
  return `${setting}: ${from || "none"} -> ${to}`;
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

function summary({ repositories, tags, unconsented = [] }: PublicationPlan, done: boolean): string {
  const count = (action: TagStep["action"]) => tags.filter((step) => step.action === action).length;
  const created = repositories.filter((change) => change.action === "create").length;
  const updated = repositories.filter((change) => change.action === "update").length;
  const words = done
    ? ["created", "updated", "pushed", "moved"]
    : ["to create", "to update", "to push", "to move"];
  const refused = repositories.filter((change) => change.refused).length + unconsented.length;
  const conflicts = count("conflict") + refused;
  return (
    `${created} repositories ${words[0]}, ${updated} ${words[1]}; ` +
    `${count("push")} tags ${words[2]}, ${count("move")} ${words[3]}, ${count("present")} present` +
    (conflicts > 0 ? `, ${conflicts} refused` : "")
  );
}
