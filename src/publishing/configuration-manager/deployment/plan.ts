/** Where updates go that we deploy ourselves, by the names of the site (`site.deployment` of the settings). */
export interface DeploymentPlan {
  /** The next ones, when it is full, are called `<name> 2`, `<name> 3`. */
  readonly updateGroup: string;
  /** `sourcePath`: a UNC folder of its own. */
  readonly package: { readonly name: string; readonly sourcePath: string };
  /** The one that holds the content-enabled CMG. */
  readonly distributionPointGroup: string;
  /** `XYZ00012`. */
  readonly collection: string;
  readonly purpose: 'required' | 'available';
  /** From the time at which a group's deployment is made; of required ones alone. */
  readonly deadlineHours: number;
}
