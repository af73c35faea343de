/** Short names for the schemas of the generated contract (`npm run api:types`). */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Bootstrap = Schemas["Bootstrap"];
export type Me = Schemas["Me"];
export type Preferences = Schemas["Preferences"];
export type PreferencesPatch = Schemas["PreferencesPatch"];
export type ModelInfo = Schemas["ModelInfo"];
export type Ability = ModelInfo["abilities"][number];
export type ModelList = Schemas["ModelList"];
export type Vendor = Schemas["Vendor"];
export type ProviderInfo = Schemas["ProviderInfo"];
export type ProviderDetail = Schemas["ProviderDetail"];
export type ProviderTry = Schemas["ProviderTry"];
export type ProviderNew = Schemas["ProviderNew"];
export type ProviderPatch = Schemas["ProviderPatch"];
export type CheckResult = Schemas["CheckResult"];
export type Pull = Schemas["Pull"];
export type Welcome = Schemas["Welcome"];
export type KeyInfo = Schemas["KeyInfo"];
export type KeyPage = Schemas["KeyPage"];
export type KeyShown = Schemas["KeyShown"];
export type KeyNew = Schemas["KeyNew"];
export type KeyPatch = Schemas["KeyPatch"];
export type Scope = KeyInfo["scopes"][number];
export type Period = NonNullable<KeyInfo["budget"]>["period"];
export type SessionInfo = Schemas["SessionInfo"];
export type System = Schemas["System"];
export type Thread = Schemas["Thread"];
export type ThreadDetail = Schemas["ThreadDetail"];
export type ThreadPage = Schemas["ThreadPage"];
export type ThreadPatch = Schemas["ThreadPatch"];
export type Message = Schemas["Message"];
export type Part = Message["parts"][number];
export type PartInput = Schemas["MessagePatch"]["parts"][number];
export type Run = Schemas["Run"];
export type ErrorInfo = Schemas["ErrorInfo"];
export type Generation = Schemas["Generation"];
export type Project = Schemas["Project"];
export type Draft = Schemas["Draft"];
export type DraftPut = Schemas["DraftPut"];
export type FileInfo = Schemas["FileInfo"];
export type LiveEvent = Schemas["LiveEvent"];
export type TurnNew = Schemas["SendTurn"] | Schemas["RegenerateTurn"] | Schemas["ContinueTurn"];
export type ReasoningEffort = NonNullable<Schemas["SendTurn"]["reasoning_effort"]>;
export type Stage = Schemas["StageEvent"]["stage"];
export type StreamEvent =
  | Schemas["StartEvent"]
  | Schemas["RunEvent"]
  | Schemas["StageEvent"]
  | Schemas["TextEvent"]
  | Schemas["ReasoningEvent"]
  | Schemas["ImageEvent"]
  | Schemas["FinishEvent"];
export type UsageReport = Schemas["UsageReport"];
export type UsageGroup = UsageReport["group"];
export type UsageSums = Schemas["Sums"];
export type UsageRow = Schemas["GroupSums"];
export type BudgetInfo = Schemas["BudgetInfo"];
export type BudgetNew = Schemas["BudgetNew"];
export type LimitInfo = Schemas["LimitInfo"];
export type LimitNew = Schemas["LimitNew"];
export type LimitPatch = Schemas["LimitPatch"];
export type RuleKind = BudgetInfo["holder_kind"];
export type PersonInfo = Schemas["PersonInfo"];
export type PersonNew = Schemas["PersonNew"];
export type PersonPage = Schemas["PersonPage"];
export type PersonPatch = Schemas["PersonPatch"];
export type GroupInfo = Schemas["GroupInfo"];
export type GroupNew = Schemas["GroupNew"];
export type RoutingHealth = Schemas["RoutingHealth"];
export type DeploymentHealth = Schemas["DeploymentHealth"];
