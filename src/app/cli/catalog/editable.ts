/** For `--help`. */
export const EDITABLE =
  'title, description, classification, severity, vendor, product, supersedes (PackageIDs, with commas), hidden (true, false)';
