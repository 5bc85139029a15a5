export { describeHealth, type FeedHealth } from './describe.js';
export { type FeedAnswer, type FeedHistory, judgeFeed, judgeVantage } from './judge.js';
export { findJump } from './jump.js';
export {
  type FeedFinding,
  type FeedHealthRecord,
  type FindingKind,
  HOLDING,
  MOST_NAMES,
  NEVER_ASKED,
} from './record.js';
export { rememberAnswer } from './remember.js';
