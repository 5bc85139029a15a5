#Requires -Version 5.1
<#
.SYNOPSIS
    Stands before patchpress-bridge.ps1 and keeps what goes in, what comes out and which files it leaves: one JSON file a job.
.DESCRIPTION
    For a WSUS server of a lab, once: put it beside the bridge script, name it in `softwareUpdatePoint.command` instead of
    that, and work (docs/windows-bridge.md, "Record a trace"). The answer is passed on unchanged. Names of server, domain
    and account are replaced in what the server says. It was written from documentation and has not run on Windows yet.
.PARAMETER TraceFolder
    Where the recordings go: `0001-probe.json`, `0002-publish.json`.
#>
[CmdletBinding()]
param(
    [string] $Server = '',
    [switch] $Ssl,
    [int] $Port = 8530,
    [switch] $AllowUnstamped,
    [string] $SiteCode = '',
    [string] $SiteServer = '',
    [string] $TraceFolder = (Join-Path $env:ProgramData 'Patchpress\trace')
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Get-BridgeArguments {
    $words = @('-NoProfile', '-NonInteractive', '-File', "`"$(Join-Path $PSScriptRoot 'patchpress-bridge.ps1')`"")
    if ($Server -ne '') { $words += @('-Server', "`"$Server`"", '-Port', "$Port") }
    if ($Ssl) { $words += '-Ssl' }
    if ($AllowUnstamped) { $words += '-AllowUnstamped' }
    if ($SiteCode -ne '') { $words += @('-SiteCode', "`"$SiteCode`"", '-SiteServer', "`"$SiteServer`"") }
    return $words -join ' '
}

# Bytes in, for a text writer would put a byte order mark before them.
function Invoke-Bridge([string] $JobText) {
    $start = New-Object Diagnostics.ProcessStartInfo -ArgumentList 'powershell.exe', (Get-BridgeArguments)
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $errors = $process.StandardError.ReadToEndAsync()
    $bytes = [Text.Encoding]::ASCII.GetBytes($JobText)
    $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
    $process.StandardInput.Close()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    return @{ answerText = $output; errorText = $errors.Result; exitCode = $process.ExitCode }
}

function Get-ContentRoot {
    $setup = Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Update Services\Server\Setup'
    return [Environment]::ExpandEnvironmentVariables($setup.ContentDir)
}

# Relative path to length: enough to see what is new and what has gone.
function Get-Files([string] $Root) {
    $files = @{}
    foreach ($name in 'WsusContent', 'UpdateServicesPackages') {
        $folder = Join-Path $Root $name
        if (-not (Test-Path -LiteralPath $folder)) { continue }
        foreach ($file in @(Get-ChildItem -LiteralPath $folder -Recurse -File)) {
            $files[$file.FullName.Substring($Root.Length)] = $file.Length
        }
    }
    return $files
}

function Get-Change([string] $Root, $Before, $After) {
    $written = @($After.Keys | Where-Object { -not $Before.ContainsKey($_) -or $Before[$_] -ne $After[$_] })
    $gone = @($Before.Keys | Where-Object { -not $After.ContainsKey($_) })
    return @{
        written = @($written | ForEach-Object {
            @{ path = $_; sizeBytes = $After[$_]; sha256 = (Get-FileHash -LiteralPath "$Root$_" -Algorithm SHA256).Hash }
        })
        removed = $gone
    }
}

# In a workgroup domain and server are one name, so the table is filled by assignment, not as a literal.
function Hide-Names([string] $Text) {
    $names = @{}
    $names[$env:USERNAME] = 'ACCOUNT'
    $names[$env:USERDOMAIN] = 'DOMAIN'
    $names[$env:COMPUTERNAME] = 'SERVER'
    if ($env:USERDNSDOMAIN) { $names[$env:USERDNSDOMAIN] = 'domain.example' }
    # The longest first: the name of a domain begins with its short one.
    foreach ($name in @($names.Keys | Sort-Object -Property Length -Descending)) {
        $Text = [regex]::Replace($Text, [regex]::Escape($name), $names[$name], 'IgnoreCase')
    }
    return $Text
}

function Save-Record($Record, [string] $Verb) {
    if (-not (Test-Path -LiteralPath $TraceFolder)) { $null = New-Item -ItemType Directory -Path $TraceFolder -Force }
    $number = @(Get-ChildItem -LiteralPath $TraceFolder -File).Count + 1
    $file = Join-Path $TraceFolder ('{0:d4}-{1}.json' -f $number, $Verb)
    [IO.File]::WriteAllText($file, (ConvertTo-Json -InputObject $Record -Depth 6))
}

$jobText = [Console]::In.ReadToEnd()
$verb = [string] ($jobText | ConvertFrom-Json).verb
if ($verb -notmatch '^[a-z-]{1,40}$') { throw 'the job names no verb' }
$root = Get-ContentRoot
$before = Get-Files $root
$clock = [Diagnostics.Stopwatch]::StartNew()
$outcome = Invoke-Bridge $jobText
$record = @{
    format       = 1
    osVersion    = [Environment]::OSVersion.Version.ToString()
    shellVersion = $PSVersionTable.PSVersion.ToString()
    tookMs       = $clock.ElapsedMilliseconds
    jobText      = $jobText
    answerText   = Hide-Names $outcome.answerText
    errorText    = Hide-Names $outcome.errorText
    exitCode     = $outcome.exitCode
    files        = Get-Change $root $before (Get-Files $root)
}
Save-Record $record $verb
[Console]::Out.Write($outcome.answerText)
exit $outcome.exitCode
