#Requires -Version 5.1
<#
.SYNOPSIS
    The far side of the Patchpress Windows bridge: one JSON job on standard input, one JSON result on standard output.
.DESCRIPTION
    Runs on the WSUS server of the Software Update Point (64-bit Windows PowerShell 5.1, WSUS console of the same
    generation), as a member of WSUS Administrators. docs/windows-bridge.md tells how it is set up and what the jobs are.
    Nothing but the result goes to standard output.
.PARAMETER Server
    Name of the WSUS server (its AD FQDN, no alias); empty: this machine without TLS.
.PARAMETER AllowUnstamped
    Signs without a timestamp when the timestamp authority cannot be reached.
.PARAMETER SiteCode
    Of the Configuration Manager site, for the verbs that run cmdlets of its console.
.PARAMETER SiteServer
    Name of the server that holds the site's SMS Provider.
#>
[CmdletBinding()]
param(
    [string] $Server = '',
    [switch] $Ssl,
    [int] $Port = 8530,
    [string] $WorkFolder = (Join-Path $env:ProgramData 'Patchpress\bridge'),
    [switch] $AllowUnstamped,
    [string] $SiteCode = '',
    [string] $SiteServer = ''
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
# powershell.exe writes warnings to standard output, where nothing but the answer may be; cmdlets of the console do warn.
$WarningPreference = 'SilentlyContinue'

$Protocol = 1
$MutexWaitMs = 60000
$MaxCabSizeMb = 2047
# Timeout, name not resolved, HTTP 403 of a timestamp authority.
$TimestampErrors = '2147954402|2147954407|2149122451'
$script:Step = 'start'

function Connect-UpdateServer {
    $script:Step = 'connect'
    [Net.ServicePointManager]::SecurityProtocol =
        [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    $assembly = [Reflection.Assembly]::LoadWithPartialName('Microsoft.UpdateServices.Administration')
    if ($null -eq $assembly) { throw 'the WSUS console (Microsoft.UpdateServices.Administration) is not installed' }
    if ($Server -eq '') { return [Microsoft.UpdateServices.Administration.AdminProxy]::GetUpdateServer() }
    return [Microsoft.UpdateServices.Administration.AdminProxy]::GetUpdateServer($Server, [bool] $Ssl, $Port)
}

function Find-Update($Wsus, [string] $PackageId) {
    try {
        $id = New-Object Microsoft.UpdateServices.Administration.UpdateRevisionId -ArgumentList ([guid] $PackageId)
        return $Wsus.GetUpdate($id)
    }
    catch [Microsoft.UpdateServices.Administration.WsusObjectNotFoundException] { return $null }
}

# Metadata alone names none.
function Get-Files($Update) {
    return @($Update.GetInstallableItems() | ForEach-Object { $_.Files } | Where-Object { $null -ne $_ })
}

# A cabinet lies under the last two digits of its SHA-1 (wsus-publishing 2.2).
function Test-Content($Wsus, $Update) {
    $root = if ($Server -eq '') { $Wsus.GetConfiguration().LocalContentCachePath } else { "\\$Server\WsusContent" }
    $files = @(Get-Files $Update)
    if ($files.Count -eq 0) { return $false }
    foreach ($file in $files) {
        $hash = [BitConverter]::ToString($file.Hash).Replace('-', '')
        $path = Join-Path (Join-Path $root $hash.Substring(38)) "$hash$([IO.Path]::GetExtension($file.Name))"
        if (-not (Test-Path -LiteralPath $path)) { return $false }
    }
    return $true
}

function Get-Listed($Wsus, $Update) {
    $created = [DateTime]::SpecifyKind($Update.CreationDate, [DateTimeKind]::Utc)
    return @{
        packageId          = $Update.Id.UpdateId.ToString()
        revision           = $Update.Id.RevisionNumber
        creationDate       = $created.ToString('yyyy-MM-ddTHH:mm:ss.fffffffZ')
        isLocallyPublished = $Update.UpdateSource -ne [Microsoft.UpdateServices.Administration.UpdateSource]::MicrosoftUpdate
        isDeclined         = [bool] $Update.IsDeclined
        isExpired          = $Update.PublicationState -eq [Microsoft.UpdateServices.Administration.PublicationState]::Expired
        hasContent         = [bool] (Test-Content $Wsus $Update)
        isMetadataOnly     = @(Get-Files $Update).Count -eq 0
    }
}

function Get-Required($Wsus, [string] $PackageId) {
    $script:Step = 'read back'
    return @{ update = Get-Listed $Wsus (Get-RequiredUpdate $Wsus $PackageId) }
}

# What others have published locally counts too: one publisher owns an update from end to end.
function Get-LocalUpdates($Wsus) {
    $script:Step = 'list'
    $scope = New-Object Microsoft.UpdateServices.Administration.UpdateScope
    $scope.UpdateSources = [Microsoft.UpdateServices.Administration.UpdateSources]::Other
    return @($Wsus.GetUpdates($scope) | ForEach-Object {
        $listed = Get-Listed $Wsus $_
        $listed.title = [string] $_.Title
        $listed
    })
}

function Get-SigningCertificate($Wsus) {
    $script:Step = 'GetSigningCertificate'
    $file = Join-Path $WorkFolder "$([guid]::NewGuid()).cer"
    try {
        $Wsus.GetConfiguration().GetSigningCertificate($file)
        if (-not (Test-Path -LiteralPath $file)) { return $null }
        return New-Object Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList $file
    }
    finally { Remove-Item -LiteralPath $file -Force -ErrorAction SilentlyContinue }
}

function Get-CertificateFacts($Certificate) {
    if ($null -eq $Certificate) { return $null }
    return @{
        subject    = $Certificate.Subject
        thumbprint = $Certificate.Thumbprint
        notAfter   = $Certificate.NotAfter.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
    }
}

function Get-CertificateState($Wsus) {
    $certificate = Get-SigningCertificate $Wsus
    if ($null -eq $certificate) {
        return @{ certificate = $null; keyBits = $null; isInTrustedRoot = $false; isInTrustedPublishers = $false }
    }
    $chain = New-Object Security.Cryptography.X509Certificates.X509Chain
    $chain.ChainPolicy.RevocationMode = [Security.Cryptography.X509Certificates.X509RevocationMode]::NoCheck
    return @{
        certificate           = Get-CertificateFacts $certificate
        keyBits               = $certificate.PublicKey.Key.KeySize
        isInTrustedRoot       = [bool] $chain.Build($certificate)
        isInTrustedPublishers = [bool] (Test-Path -LiteralPath "Cert:\LocalMachine\TrustedPublisher\$($certificate.Thumbprint)")
    }
}

# Only the server itself knows its build, and has the folder of the share on a drive.
function Get-OsBuild {
    if ($Server -ne '') { return $null }
    $key = Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    return "$($key.CurrentBuildNumber).$($key.UBR)"
}

function Get-ContentShare($Wsus) {
    $path = if ($Server -eq '') { $Wsus.GetConfiguration().LocalContentCachePath } else { "\\$Server\WsusContent" }
    $free = $null
    if ($Server -eq '') { $free = (New-Object IO.DriveInfo -ArgumentList $path.Substring(0, 1)).AvailableFreeSpace }
    return @{ path = $path; isReachable = [bool] (Test-Path -LiteralPath $path); freeBytes = $free }
}

# Any answer will do: what is asked is name, way and certificate.
function Get-Reach([string] $Url) {
    if (-not $Url.StartsWith('https://')) { return $null }
    $uri = [Uri] $Url
    $proxy = [Net.WebRequest]::DefaultWebProxy.GetProxy($uri)
    $fault = $null
    try {
        $request = [Net.WebRequest]::Create($uri)
        $request.Timeout = 20000
        $request.GetResponse().Dispose()
    }
    catch {
        $inner = $_.Exception.GetBaseException()
        if (-not ($inner -is [Net.WebException]) -or $null -eq $inner.Response) { $fault = $inner.Message }
    }
    return @{
        account = [Security.Principal.WindowsIdentity]::GetCurrent().Name
        proxy   = $(if ($proxy -eq $uri) { $null } else { $proxy.ToString() })
        fault   = $fault
    }
}

function Get-Probe($Wsus, [string] $ContentUrl) {
    $script:Step = 'probe'
    $configuration = $Wsus.GetConfiguration()
    return @{
        version      = $Wsus.Version.ToString()
        isReplica    = [bool] $configuration.IsReplicaServer
        role         = $Wsus.GetCurrentUserRole().ToString()
        isSecure     = [bool] $Wsus.IsConnectionSecureForApiRemoting
        maxCabSizeMb = $configuration.LocalPublishingMaxCabSize
        certificate  = Get-CertificateFacts (Get-SigningCertificate $Wsus)
        osBuild      = Get-OsBuild
        contentShare = Get-ContentShare $Wsus
        reach        = Get-Reach $ContentUrl
    }
}

# Only a plain name becomes a path, and only the bytes with that digest are used.
function Save-File($File, [string] $Folder) {
    $script:Step = 'fetch'
    $name = [string] $File.name
    if ($name -notmatch '^[^\\/:*?"<>|]{1,256}$' -or $name -match '^\.|[. ]$') { throw "$name is not the name of a file" }
    if (-not ([string] $File.url).StartsWith('https://')) { throw 'files are fetched over https only' }
    $path = Join-Path $Folder $name
    $client = New-Object Net.WebClient
    try { $client.DownloadFile([string] $File.url, $path) } finally { $client.Dispose() }
    $found = (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash
    if ($found -ne [string] $File.sha256) { throw "${name}: expected $($File.sha256), found $found" }
    return $path
}

function New-Publisher($Wsus, $Job, [string] $Folder) {
    $script:Step = 'GetPublisher'
    $sdp = Join-Path $Folder 'package.sdp'
    [IO.File]::WriteAllBytes($sdp, [Convert]::FromBase64String($Job.sdpBase64))
    return $Wsus.GetPublisher($sdp)
}

function Set-MaxCabSize($Wsus, $Files) {
    $configuration = $Wsus.GetConfiguration()
    $wantedMb = [Math]::Ceiling((($Files | Measure-Object -Property sizeBytes -Sum).Sum) / 1mb) + 16
    if ($wantedMb -gt $MaxCabSizeMb) { throw "the content exceeds the maximum of $MaxCabSizeMb MB for a cabinet" }
    if ($configuration.LocalPublishingMaxCabSize -ge $wantedMb) { return }
    $script:Step = 'LocalPublishingMaxCabSize'
    $configuration.LocalPublishingMaxCabSize = $wantedMb
    $configuration.Save()
}

# Content may follow metadata alone, as a new revision (wsus-publishing 2.5); over anything else nothing is published.
function Confirm-Publishable($Wsus, [string] $PackageId) {
    $update = Find-Update $Wsus $PackageId
    if ($null -eq $update) { return }
    $listed = Get-Listed $Wsus $update
    if ($listed.isLocallyPublished -and $listed.isMetadataOnly -and -not $listed.isExpired) { return }
    throw "the package $PackageId already exists; revise it instead"
}

function Publish-Payload($Wsus, $Job, [string] $Folder) {
    Confirm-Publishable $Wsus $Job.packageId
    $payload = New-Item -ItemType Directory -Path (Join-Path $Folder 'payload')
    foreach ($file in $Job.files) { $null = Save-File $file $payload.FullName }
    Set-MaxCabSize $Wsus $Job.files
    $publisher = New-Publisher $Wsus $Job $Folder
    $script:Step = 'PublishPackage'
    try { $publisher.PublishPackage($payload.FullName, [NullString]::Value) }
    catch {
        if (-not $AllowUnstamped -or $_.Exception.ToString() -notmatch $TimestampErrors) { throw }
        $publisher.SignCertWithoutTimeStamp = $true
        $publisher.PublishPackage($payload.FullName, [NullString]::Value)
    }
}

function Publish-Signed($Wsus, $Job, [string] $Folder) {
    Confirm-Publishable $Wsus $Job.packageId
    $cabinet = Save-File $Job.cabinet $Folder
    Set-MaxCabSize $Wsus @($Job.cabinet)
    $publisher = New-Publisher $Wsus $Job $Folder
    $script:Step = 'PublishSignedPackage'
    $publisher.PublishSignedPackage($cabinet, [NullString]::Value)
}

function Publish-Metadata($Wsus, $Job, [string] $Folder) {
    if ($null -ne (Find-Update $Wsus $Job.packageId)) { throw "the package $($Job.packageId) already exists; revise it instead" }
    $publisher = New-Publisher $Wsus $Job $Folder
    $publisher.MetadataOnly = $true
    $script:Step = 'PublishPackage'
    $publisher.PublishPackage([NullString]::Value, [NullString]::Value)
}

function Get-RequiredUpdate($Wsus, [string] $PackageId) {
    $update = Find-Update $Wsus $PackageId
    if ($null -eq $update) { throw "no update $PackageId" }
    return $update
}

function Export-Document($Wsus, [string] $PackageId) {
    $script:Step = 'ExportPackageMetadata'
    $file = Join-Path $WorkFolder "$([guid]::NewGuid()).sdp"
    try {
        (Get-RequiredUpdate $Wsus $PackageId).ExportPackageMetadata($file)
        return @{ sdpBase64 = [Convert]::ToBase64String([IO.File]::ReadAllBytes($file)) }
    }
    finally { Remove-Item -LiteralPath $file -Force -ErrorAction SilentlyContinue }
}

# Any approval takes a decline back; this one gives the update to nobody.
function Undo-Decline($Wsus, [string] $PackageId) {
    $script:Step = 'Approve'
    $all = $Wsus.GetComputerTargetGroup([guid] 'A0A08746-4DBE-4A37-9ADF-9E7652C0B421')
    $action = [Microsoft.UpdateServices.Administration.UpdateApprovalAction]::NotApproved
    $null = (Get-RequiredUpdate $Wsus $PackageId).Approve($action, $all)
}

# Guarded: nothing of Microsoft's, and nothing that clients are still offered.
function Remove-Update($Wsus, [string] $PackageId) {
    $script:Step = 'DeleteUpdate'
    $update = Get-RequiredUpdate $Wsus $PackageId
    $listed = Get-Listed $Wsus $update
    if (-not $listed.isLocallyPublished) { throw 'the update was not published locally' }
    if (-not ($listed.isDeclined -or $listed.isExpired)) { throw 'the update is not declined' }
    $Wsus.DeleteUpdate($update.Id.UpdateId)
    return @{ packageId = $PackageId }
}

# The site's REST interface under the Windows account of the bridge; any status is an answer. No redirect is followed: the
# account is for the site alone.
function Invoke-AdminService($Job) {
    $script:Step = 'AdminService'
    if ($Job.address -notmatch '^https://[^/]+/AdminService/') { throw 'only the AdminService is asked' }
    $request = [Net.WebRequest]::Create([Uri] $Job.address)
    $request.Method = $Job.method
    $request.Accept = 'application/json'
    $request.UseDefaultCredentials = $true
    $request.AllowAutoRedirect = $false
    if ($null -ne $Job.bodyText) {
        $request.ContentType = 'application/json'
        $bytes = [Text.Encoding]::UTF8.GetBytes([string] $Job.bodyText)
        $stream = $request.GetRequestStream()
        try { $stream.Write($bytes, 0, $bytes.Length) } finally { $stream.Dispose() }
    }
    try { $response = $request.GetResponse() }
    catch {
        $inner = $_.Exception.GetBaseException()
        if (-not ($inner -is [Net.WebException]) -or $null -eq $inner.Response) { throw }
        $response = $inner.Response
    }
    try {
        $answer = $response.GetResponseStream()
        $reader = New-Object IO.StreamReader -ArgumentList $answer, ([Text.Encoding]::UTF8)
        return @{ status = [int] $response.StatusCode; bodyText = $reader.ReadToEnd() }
    }
    finally { $response.Dispose() }
}

# Cmdlets of the console run from the drive of the site.
function Enter-Site {
    $script:Step = 'ConfigurationManager'
    if ($SiteCode -notmatch '^[A-Za-z0-9]{3}$' -or $SiteServer -eq '') { throw 'the bridge command names no -SiteCode and -SiteServer' }
    if (-not $env:SMS_ADMIN_UI_PATH) { throw 'the Configuration Manager console is not installed' }
    Import-Module -Name (Join-Path (Split-Path -Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
    $drive = Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue
    if ($null -eq $drive) { $null = New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $SiteServer }
    Set-Location -LiteralPath "${SiteCode}:"
}

function Publish-SiteContent([int] $CiId) {
    $script:Step = 'Publish-CMThirdPartySoftwareUpdateContent'
    $null = Publish-CMThirdPartySoftwareUpdateContent -CIId $CiId
    return @{ ciId = $CiId }
}

function Enable-SiteProduct([string] $Product) {
    $script:Step = 'Set-CMSoftwareUpdatePointComponent'
    $null = Set-CMSoftwareUpdatePointComponent -SiteCode $SiteCode -AddProduct $Product -DisableWildcardHandling
    return @{ product = $Product }
}

function Enable-SiteClassification([string] $Classification) {
    $script:Step = 'Set-CMSoftwareUpdatePointComponent'
    $null = Set-CMSoftwareUpdatePointComponent -SiteCode $SiteCode -AddUpdateClassification $Classification -DisableWildcardHandling
    return @{ classification = $Classification }
}

# The updates of a group are a lazy property: the object of the cmdlet reads it.
function Get-UpdateGroup([string] $Name) {
    $script:Step = 'Get-CMSoftwareUpdateGroup'
    $group = Get-CMSoftwareUpdateGroup -Name $Name -DisableWildcardHandling
    if ($null -eq $group) { return @{ updateGroup = $null } }
    $updates = @($group.Updates | Where-Object { $null -ne $_ } | ForEach-Object { [int] $_ })
    return @{ updateGroup = @{ groupId = [int] $group.CI_ID; ciIds = $updates } }
}

function Add-ToUpdateGroup($Job) {
    $standing = (Get-UpdateGroup $Job.group).updateGroup
    if ($null -eq $standing) {
        $script:Step = 'New-CMSoftwareUpdateGroup'
        $null = New-CMSoftwareUpdateGroup -Name $Job.group -UpdateId $Job.ciId -DisableWildcardHandling
    }
    elseif ($standing.ciIds -notcontains $Job.ciId) {
        $script:Step = 'Add-CMSoftwareUpdateToGroup'
        $null = Add-CMSoftwareUpdateToGroup -SoftwareUpdateGroupName $Job.group -SoftwareUpdateId $Job.ciId -DisableWildcardHandling
    }
    return Get-UpdateGroup $Job.group
}

function Remove-FromUpdateGroup($Job) {
    $standing = (Get-UpdateGroup $Job.group).updateGroup
    $there = @($Job.ciIds | Where-Object { $null -ne $standing -and $standing.ciIds -contains $_ })
    if ($there.Count -gt 0) {
        $script:Step = 'Remove-CMSoftwareUpdateFromGroup'
        $null = Remove-CMSoftwareUpdateFromGroup -SoftwareUpdateGroupName $Job.group -SoftwareUpdateId $there -DisableWildcardHandling -Force
    }
    return Get-UpdateGroup $Job.group
}

function Save-Update($Job) {
    $script:Step = 'Get-CMSoftwareUpdateDeploymentPackage'
    $package = Get-CMSoftwareUpdateDeploymentPackage -Name $Job.package -DisableWildcardHandling
    if ($null -eq $package) {
        $script:Step = 'New-CMSoftwareUpdateDeploymentPackage'
        $null = New-CMSoftwareUpdateDeploymentPackage -Name $Job.package -Path $Job.sourcePath -DisableWildcardHandling
    }
    $script:Step = 'Save-CMSoftwareUpdate'
    $null = Save-CMSoftwareUpdate -SoftwareUpdateId $Job.ciId -DeploymentPackageName $Job.package -DisableWildcardHandling
    return @{ ciId = $Job.ciId }
}

function Start-Distribution($Job) {
    $script:Step = 'Start-CMContentDistribution'
    $null = Start-CMContentDistribution -DeploymentPackageName $Job.package -DistributionPointGroupName $Job.pointGroup -DisableWildcardHandling
    return @{ package = $Job.package }
}

# What is not said here stays as the cmdlet has it. The locations are those of DPLocality 0x50 (configmgr-catalog 6).
function Add-Deployment($Job) {
    $script:Step = 'Get-CMUpdateGroupDeployment'
    $standing = Get-CMUpdateGroupDeployment -Name $Job.group -CollectionId $Job.collectionId -DisableWildcardHandling
    if ($null -ne $standing) { return @{ group = $Job.group } }
    $script:Step = 'New-CMSoftwareUpdateDeployment'
    if ($Job.isRequired) {
        $null = New-CMSoftwareUpdateDeployment -SoftwareUpdateGroupName $Job.group -DeploymentName $Job.group -CollectionId $Job.collectionId -DeploymentType Required -TimeBasedOn LocalTime -DeadlineDateTime ((Get-Date).AddHours($Job.deadlineHours)) -ProtectedType RemoteDistributionPoint -UnprotectedType UnprotectedDistributionPoint -DownloadFromMicrosoftUpdate $false -DisableWildcardHandling
    }
    else {
        $null = New-CMSoftwareUpdateDeployment -SoftwareUpdateGroupName $Job.group -DeploymentName $Job.group -CollectionId $Job.collectionId -DeploymentType Available -ProtectedType RemoteDistributionPoint -UnprotectedType UnprotectedDistributionPoint -DownloadFromMicrosoftUpdate $false -DisableWildcardHandling
    }
    return @{ group = $Job.group }
}

$SiteVerbs = @(
    'publish-content', 'enable-product', 'enable-classification', 'update-group', 'add-to-update-group',
    'remove-from-update-group', 'save-update', 'distribute-package', 'deploy-update-group'
)

function Invoke-SiteJob($Job) {
    Enter-Site
    switch ($Job.verb) {
        'publish-content' { return Publish-SiteContent $Job.ciId }
        'enable-product' { return Enable-SiteProduct $Job.product }
        'enable-classification' { return Enable-SiteClassification $Job.classification }
        'update-group' { return Get-UpdateGroup $Job.group }
        'add-to-update-group' { return Add-ToUpdateGroup $Job }
        'remove-from-update-group' { return Remove-FromUpdateGroup $Job }
        'save-update' { return Save-Update $Job }
        'distribute-package' { return Start-Distribution $Job }
        'deploy-update-group' { return Add-Deployment $Job }
    }
}

function Invoke-Job($Job) {
    if ($SiteVerbs -contains $Job.verb) { return Invoke-SiteJob $Job }
    $wsus = Connect-UpdateServer
    if ($Job.verb -eq 'probe') { return Get-Probe $wsus ([string] (Get-Member -InputObject $Job -Name contentUrl -MemberType NoteProperty | ForEach-Object { $Job.contentUrl })) }
    if ($wsus.GetConfiguration().IsReplicaServer) { throw 'the server is a replica' }
    if ($Job.verb -eq 'list') {
        $script:Step = 'list'
        $found = @($Job.packageIds | ForEach-Object { Find-Update $wsus $_ } | Where-Object { $null -ne $_ })
        return @{ updates = @($found | ForEach-Object { Get-Listed $wsus $_ }) }
    }
    switch ($Job.verb) {
        'list-local' { return @{ updates = @(Get-LocalUpdates $wsus) } }
        'cert' { return Get-CertificateState $wsus }
        'export-sdp' { return Export-Document $wsus $Job.packageId }
        'delete' { return Remove-Update $wsus $Job.packageId }
    }
    $folder = Join-Path $WorkFolder ([guid]::NewGuid().ToString())
    $null = New-Item -ItemType Directory -Path $folder
    try {
        switch ($Job.verb) {
            'publish' { Publish-Payload $wsus $Job $folder }
            'publish-signed' { Publish-Signed $wsus $Job $folder }
            'publish-metadata' { Publish-Metadata $wsus $Job $folder }
            'revise' {
                $publisher = New-Publisher $wsus $Job $folder
                $script:Step = 'RevisePackage'
                $publisher.RevisePackage()
            }
            'expire' {
                $script:Step = 'ExpirePackage'
                (Get-RequiredUpdate $wsus $Job.packageId).ExpirePackage()
            }
            'resign' {
                $publisher = New-Publisher $wsus $Job $folder
                $script:Step = 'ResignPackage'
                $publisher.ResignPackage()
            }
            'decline' {
                $script:Step = 'Decline'
                (Get-RequiredUpdate $wsus $Job.packageId).Decline()
            }
            'undecline' { Undo-Decline $wsus $Job.packageId }
            default { throw "no such verb: $($Job.verb)" }
        }
    }
    finally { Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue }
    return Get-Required $wsus $Job.packageId
}

# One writer at a time: WSUS has no transactions over a publication.
function Invoke-Exclusively($Job) {
    $mutex = New-Object Threading.Mutex -ArgumentList $false, 'Global\PatchpressBridge'
    try {
        try { $isMine = $mutex.WaitOne($MutexWaitMs) } catch [Threading.AbandonedMutexException] { $isMine = $true }
        if (-not $isMine) { throw 'another bridge job holds the server' }
        try { return Invoke-Job $Job } finally { $mutex.ReleaseMutex() }
    }
    finally { $mutex.Dispose() }
}

function Get-Failure($ErrorRecord) {
    $messages = @()
    for ($one = $ErrorRecord.Exception; $null -ne $one; $one = $one.InnerException) {
        $messages += $one.Message
        $innermost = $one
    }
    return @{ step = $script:Step; message = ($messages -join ' | '); exception = $innermost.GetType().FullName }
}

# ASCII only: the code page of the console is not known here.
function Write-Answer($Answer) {
    $json = ConvertTo-Json -InputObject $Answer -Depth 6 -Compress
    $ascii = [regex]::Replace($json, '[^\x20-\x7e]', { param($match) '\u{0:x4}' -f [int][char] $match.Value })
    [Console]::Out.Write($ascii)
}

$answer = @{ protocol = $Protocol; jobId = '' }
try {
    $job = [Console]::In.ReadToEnd() | ConvertFrom-Json
    $answer.jobId = [string] $job.jobId
    if ($job.protocol -ne $Protocol) { throw "this script speaks protocol $Protocol" }
    if (-not (Test-Path -LiteralPath $WorkFolder)) { $null = New-Item -ItemType Directory -Path $WorkFolder -Force }
    # The site itself keeps its calls apart; they do not wait for a cmdlet that downloads.
    $answer.result = if ($job.verb -eq 'admin-service') { Invoke-AdminService $job } else { Invoke-Exclusively $job }
    $answer.ok = $true
}
catch {
    $answer.ok = $false
    $answer.error = Get-Failure $_
}
Write-Answer $answer
