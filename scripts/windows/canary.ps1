#Requires -Version 5.1
<#
.SYNOPSIS
    What the agents of a Configuration Manager device say of some updates: one JSON line on standard output.
.DESCRIPTION
    A script for "Run Scripts" of the site, on devices that are managed through a Cloud Management Gateway. It starts an
    update scan and an evaluation of deployments, and tells what the last scan has found: what is started now is told by
    the next run. Nothing is installed, nothing calls Patchpress: `patchpress client devices` reads the output at the site.
    docs/client.md tells how it is set up. It was written from documentation and has not run on Windows yet.
.PARAMETER PackageIds
    PackageIDs (GUIDs), separated by commas. Run Scripts keeps 4 KB of output: about 15 of them.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [ValidatePattern('^[0-9A-Fa-f,\- ]+$')]
    [string] $PackageIds
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

# Client schedules of Configuration Manager: update scan, evaluation of update deployments.
$ScanSchedule = '{00000000-0000-0000-0000-000000000113}'
$EvaluationSchedule = '{00000000-0000-0000-0000-000000000108}'
$faults = New-Object System.Collections.Generic.List[string]

# What cannot be read is told, and the rest goes on.
function Read-Part([string] $Name, [scriptblock] $Body) {
    try { return & $Body }
    catch {
        $text = "$Name`: $($_.Exception.Message)"
        $faults.Add($text.Substring(0, [Math]::Min(200, $text.Length)))
        return $null
    }
}

function Start-Schedule([string] $Id) {
    Read-Part "schedule $Id" {
        $null = Invoke-CimMethod -Namespace 'root\ccm' -ClassName 'SMS_Client' -MethodName 'TriggerSchedule' -Arguments @{ sScheduleID = $Id }
    }
}

function Format-Time($Value) {
    if ($null -eq $Value) { return $null }
    return ([datetime] $Value).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
}

$null = Start-Schedule $ScanSchedule
$null = Start-Schedule $EvaluationSchedule

$isOnInternet = Read-Part 'ClientInfo' { [bool] (Get-CimInstance -Namespace 'root\ccm' -ClassName 'ClientInfo').InInternet }
$statuses = @(Read-Part 'CCM_UpdateStatus' {
        Get-CimInstance -Namespace 'root\ccm\SoftwareUpdates\UpdatesStore' -ClassName 'CCM_UpdateStatus'
    })
$deployed = @(Read-Part 'CCM_SoftwareUpdate' {
        Get-CimInstance -Namespace 'root\ccm\ClientSDK' -ClassName 'CCM_SoftwareUpdate'
    })
$history = @(Read-Part 'history' {
        $searcher = (New-Object -ComObject 'Microsoft.Update.Session').CreateUpdateSearcher()
        $count = $searcher.GetTotalHistoryCount()
        if ($count -gt 0) { $searcher.QueryHistory(0, $count) }
    })

$updates = foreach ($id in ($PackageIds -split '[, ]+' | Where-Object { $_ -ne '' })) {
    $status = $statuses | Where-Object { $null -ne $_ -and $_.UniqueId -eq $id } | Select-Object -First 1
    # UpdateID: Site_<GUID>/SUM_<UpdateID>.
    $deployment = $deployed | Where-Object { $null -ne $_ -and $_.UpdateID -like "*$id*" } | Select-Object -First 1
    # Operation 1: installation; ResultCode 2 and 3: succeeded, succeeded with errors.
    $installs = @($history | Where-Object {
            $null -ne $_ -and $_.UpdateIdentity.UpdateID -eq $id -and $_.Operation -eq 1 -and $_.ResultCode -in 2, 3
        })
    [ordered] @{
        id = $id.ToLowerInvariant()
        status = if ($null -eq $status) { $null } else { [string] $status.Status }
        scanAt = if ($null -eq $status) { $null } else { Format-Time $status.ScanTime }
        evaluationState = if ($null -eq $deployment) { $null } else { [int] $deployment.EvaluationState }
        errorCode = if ($null -eq $deployment) { $null } else { [long] $deployment.ErrorCode }
        installs = $installs.Count
    }
}

[ordered] @{
    patchpressCanary = 1
    at = Format-Time (Get-Date)
    isOnInternet = $isOnInternet
    updates = @($updates)
    faults = @($faults)
} | ConvertTo-Json -Depth 4 -Compress
