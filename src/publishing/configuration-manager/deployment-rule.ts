import { z } from 'zod';
import type { SiteRest } from './rest.js';
import { quoted, readRows } from './rows.js';

/** One automatic deployment rule of the site, as `SMS_AutoDeployment` shows it. */
export interface DeploymentRule {
  readonly id: number;
  readonly isEnabled: boolean;
  /** ISO 8601; null: it has never run. */
  readonly lastRunAt: string | null;
  /** 0: its last run did not fail. */
  readonly lastErrorCode: number;
}

/** The rule by which the administrator brings updates to clients. Errors as of `SiteRest`. */
export interface DeploymentRules {
  readonly name: string;
  /** Null: the site has no rule of that name. */
  look(): Promise<DeploymentRule | null>;
  run(rule: DeploymentRule): Promise<void>;
}

const Row = z.object({
  AutoDeploymentID: z.int(),
  AutoDeploymentEnabled: z.boolean(),
  LastRunTime: z.string().nullish(),
  LastErrorCode: z.int().nullish(),
});

/** Properties and the method without parameters are of the class's pages; REST by analogy with others (configmgr-catalog 6). */
export function createDeploymentRules(rest: SiteRest, name: string): DeploymentRules {
  return {
    name,
    async look() {
      const [row] = await readRows(rest, 'SMS_AutoDeployment', Row, `Name eq '${quoted(name)}'`);
      if (row === undefined) return null;
      return {
        id: row.AutoDeploymentID,
        isEnabled: row.AutoDeploymentEnabled,
        lastRunAt: row.LastRunTime ?? null,
        lastErrorCode: row.LastErrorCode ?? 0,
      };
    },
    async run({ id }) {
      await rest.post(`/AdminService/wmi/SMS_AutoDeployment(${id})/AdminService.EvaluateAutoDeployment`, {});
    },
  };
}
