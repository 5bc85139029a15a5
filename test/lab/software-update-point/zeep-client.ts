/**
 * A client of MS-WUSP that is not ours: python3-zeep, which reads each answer by the types of the protocol's own WSDLs. Its
 * arguments are the folder of the WSDLs, the server's root and an identity; it prints one JSON document.
 */
export const ZEEP_CLIENT = `
import datetime, json, sys, uuid
from zeep import Client, Settings
from zeep.exceptions import Fault
wsdl, base, update, revision = sys.argv[1:]
NS = 'http://www.microsoft.com/SoftwareDistribution/Server/'
def open_(name, binding, path):
    client = Client(wsdl + '/' + name, settings=Settings(strict=True))
    return client, client.create_service(binding, base + path)
wusp, server = open_('MS-WUSP.Client.wsdl', '{%sClientWebService}ClientSoap' % NS, '/ClientWebService/client.asmx')
_, auth = open_('MS-WUSP.SimpleAuth.wsdl', '{%sSimpleAuthWebService}SimpleAuthSoap' % NS, '/SimpleAuthWebService/SimpleAuth.asmx')
kind = lambda name: wusp.get_type('{%sClientWebService}%s' % (NS, name))
now = datetime.datetime.now(datetime.timezone.utc)
config = server.GetConfig(protocolVersion='2.0')
granted = auth.GetAuthorizationCookie(clientId=str(uuid.uuid4()), targetGroupName='', dnsName='zeep.lab')
one = kind('AuthorizationCookie')(PlugInId=granted.PlugInId, CookieData=granted.CookieData)
cookies = kind('ArrayOfAuthorizationCookie')([one])
cookie = server.GetCookie(authCookies=cookies, oldCookie=None, lastChange=config.LastChange, currentTime=now, protocolVersion='2.0')
identity = kind('UpdateIdentity')(UpdateID=update, RevisionNumber=int(revision))
identities = kind('ArrayOfUpdateIdentity')([identity])
types = {'XmlUpdateFragmentType': ['Core', 'Extended', 'LocalizedProperties', 'Eula', 'FileUrl', 'FileDecryption']}
info = server.GetExtendedUpdateInfo2(cookie=cookie, updateIDs=identities, infoTypes=types, locales={'string': ['de']})
known = server.RefreshCache(cookie=cookie, globalIDs=identities)
try:
    server.GetExtendedUpdateInfo(cookie=cookie, revisionIDs={'int': [1]}, infoTypes={'XmlUpdateFragmentType': ['Eula']})
    fault = None
except Fault as found:
    fault = [''.join(found.detail.find(name).itertext()) for name in ('ErrorCode', 'Message')]
print(json.dumps({
    'xml': [one.Xml for one in info.Updates.Update],
    'ids': sorted({one.ID for one in info.Updates.Update}),
    'files': [[one.FileDigest.hex(), one.Url, one.FileDigestAlgorithm] for one in info.FileLocations.FileLocation],
    'decryption': info.FileDecryptionData,
    'known': [[one.RevisionID, one.GlobalID.UpdateID, one.GlobalID.RevisionNumber, one.IsLeaf, one.Deployment.Action] for one in known],
    'fault': fault,
}))
`;
