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
export type SearchPage = Schemas["SearchPage"];
export type SearchGroup = Schemas["SearchGroup"];
export type SearchHit = Schemas["SearchHit"];
export type Marked = Schemas["Marked"];
export type SessionInfo = Schemas["SessionInfo"];
export type System = Schemas["System"];
export type Thread = Schemas["Thread"];
export type ThreadDetail = Schemas["ThreadDetail"];
export type ThreadPage = Schemas["ThreadPage"];
export type ForkNew = Schemas["ForkNew"];
export type ThreadPatch = Schemas["ThreadPatch"];
export type ThreadsChange = Schemas["ThreadsChange"];
export type ThreadsChanged = Schemas["ThreadsChanged"];
export type ThreadCounts = Schemas["ThreadCounts"];
export type FirstTurn = Schemas["FirstTurn"];
export type Message = Schemas["Message"];
export type GalleryPage = Schemas["GalleryPage"];
export type GalleryPicture = Schemas["GalleryPicture"];
export type Translation = Schemas["Translation"];
export type TranslationEvent =
  | Schemas["TranslatingEvent"]
  | Schemas["TranslatedTextEvent"]
  | Schemas["TranslatedEvent"]
  | Schemas["NotTranslatedEvent"];
export type Language = Translation["language"];
export type FeedbackPut = Schemas["FeedbackPut"];
export type Reason = FeedbackPut["reasons"][number];
export type Fold = Schemas["Fold"];
export type Parameters = Schemas["Parameters"];
export type Part = Message["parts"][number];
export type PartInput = Schemas["MessagePatch"]["parts"][number];
export type Run = Schemas["Run"];
export type Route = Schemas["Route"];
export type Cascade = Schemas["RouteCascade"];
export type PassedOver = Schemas["PassedOver"];
export type Rules = Schemas["Rules"];
export type RouteRule = Schemas["Rule-Input"];
export type RouteWhen = Schemas["When-Input"];
export type RouteThen = Schemas["Then"];
export type RouteTest = Schemas["RouteTest"];
export type RouteGiven = Schemas["Given"];
export type Explanation = Schemas["Explanation"];
export type ErrorInfo = Schemas["ErrorInfo"];
export type Generation = Schemas["Generation"];
export type EvalAnswerInfo = Schemas["EvalAnswerInfo"];
export type EvalCaseAnswers = Schemas["EvalCaseAnswers"];
export type EvalReport = Schemas["EvalReport"];
export type EvalRule = Schemas["EvalSetNew"]["rule"];
export type EvalRunInfo = Schemas["EvalRunInfo"];
export type EvalSetDetail = Schemas["EvalSetDetail"];
export type EvalSetInfo = Schemas["EvalSetInfo"];
export type EvalSetList = Schemas["EvalSetList"];
export type ModelResult = Schemas["ModelResult"];
export type Prompt = Schemas["Prompt"];
export type PromptPut = Schemas["PromptPut"];
export type PromptVersion = Schemas["PromptVersion"];
export type VoiceInfo = Schemas["VoiceInfo"];
export type SpeechNew = Schemas["SpeechNew"];
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
export type ImportInfo = Schemas["ImportInfo"];
export type FactInfo = Schemas["FactInfo"];
export type FactNew = Schemas["FactNew"];
export type FactPatch = Schemas["FactPatch"];
export type ExportInfo = Schemas["ExportInfo"];
export type ImportNote = Schemas["NoteInfo"];
export type ImportNotePage = Schemas["NotePage"];
export type ShareInfo = Schemas["ShareInfo"];
export type ShareList = Schemas["ShareList"];
export type ShareMade = Schemas["ShareMade"];
export type ShareNew = Schemas["ShareNew"];
export type SharedChat = Schemas["SharedChat"];
export type UsageReport = Schemas["UsageReport"];
export type UsageGroup = UsageReport["group"];
export type UsageSums = Schemas["Sums"];
export type UsageRow = Schemas["GroupSums"];
export type SavingsReport = Schemas["SavingsReport"];
export type Saved = Schemas["Saved"];
export type SavedRow = Schemas["SavedRow"];
export type WhatIf = Schemas["WhatIf"];
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
export type FaqState = Schemas["FaqState"];
export type FaqInfo = Schemas["FaqInfo"];
export type FaqNew = Schemas["FaqNew"];
export type FaqPatch = Schemas["FaqPatch"];
export type FrequentQuestion = Schemas["FrequentQuestion"];
export type CacheInfo = Schemas["CacheInfo"];
export type GroupInfo = Schemas["GroupInfo"];
export type GroupNew = Schemas["GroupNew"];
export type RoutingHealth = Schemas["RoutingHealth"];
export type DeploymentHealth = Schemas["DeploymentHealth"];
export type LearningState = Schemas["LearningState"];
export type Learned = Schemas["Learned"];
export type ScorerShown = Schemas["ScorerShown"];
export type TrainingDone = Schemas["TrainingDone"];
export type LabelSource = Schemas["LabelCount"]["source"];
export type RouteReason = Schemas["RouteReason"];
