/** The public interface: everything that bots, console and other programs may use. */

export { EXTRACTIVE } from './answer/compose.ts';
export { ask } from './ask.ts';
export { type AskProcess, openAskProcess } from './ask-process.ts';
export { build } from './build.ts';
export { type BuildRequest, defaultName } from './build-plan.ts';
export { type FollowedRun, followRun, requestOf, startBuildRunner } from './build-process.ts';
export { type JournalEntry, runBuild, type Wanted, wantOfBuild } from './build-run.ts';
export {
  type CompareEvent,
  type CompareRequest,
  compare,
  type MethodResult,
  type SideBySide,
} from './compare.ts';
export {
  botPlatforms,
  type Effective,
  readSettings,
  type SettingFacts,
  type SettingName,
  type Settings,
  settingFacts,
} from './config.ts';
export { isSource } from './corpus/open.ts';
export { CoreError, type ErrorCode, isCoreError, toCoreError } from './errors.ts';
export { type Estimate, estimateBuild } from './estimate.ts';
export type * from './evaluate/evaluation.ts';
export type { Question } from './evaluate/question.ts';
export { readQuestionSet } from './evaluate/read-set.ts';
export { type Report, reportOf } from './evaluate/report.ts';
export { tablesOf } from './evaluate/report-tables.ts';
export { makeReportFolder, writeReport } from './evaluate/write-report.ts';
export { type EvaluatedSet, evaluate } from './evaluate.ts';
export { type FirstBuild, firstBuild } from './first-build.ts';
export { checkHealth, type HealthCheck } from './health.ts';
export { pullFrom } from './models/for-build.ts';
export { type ListedModel, listModels } from './models/list.ts';
export type { InstalledModel, PullEvent } from './models/model.ts';
export type { Probe, ProbeTry } from './probe.ts';
export { pullModels } from './pull-models.ts';
export { type FollowUp, standalone, type Turn } from './question/standalone.ts';
export { METHODS, type Method } from './retrieve/methods.ts';
export { resultOf } from './runtime/events.ts';
export { type Installation, installation } from './runtime/installation.ts';
export { holdLock } from './runtime/lock.ts';
export { diskFree, machinePower } from './runtime/machine.ts';
export { giveWay } from './runtime/priority.ts';
export { type ProcessFacts, processesUnder } from './runtime/processes.ts';
export { writeWhole } from './runtime/whole-file.ts';
export { type SearchRequest, type SearchResult, search } from './search.ts';
export { openSession, type Session } from './session.ts';
export { listRuns, readManifest } from './store/build-folder.ts';
export {
  activateBuild,
  activeBuild,
  type BuildSummary,
  listBuilds,
  previousBuild,
  removeBuild,
} from './store/builds.ts';
export { openRecords, type Records } from './store/records.ts';
export {
  ANSWER_KEY,
  type AnsweredQuestion,
  readTraffic,
  type TrafficRow,
  trafficFiles,
  type VerdictRow,
} from './traffic.ts';
export type * from './types.ts';
export { type VerifyReport, verifyBuild } from './verify.ts';
export { recordVote, type Vote, votesFile } from './vote.ts';
