"""The structure that IEEE 1849 (XES) prescribes, as an XML Schema of our own: elements, order, attributes, types.

The standard's schema is not carried here. This one says the same of all that we write: a log is extensions, then globals,
then classifiers, then attributes, then traces of events; attributes are typed, keyed by a name, and may be nested.
"""

from __future__ import annotations

import xmlschema

TYPES = {"string": "xs:string", "date": "xs:dateTime", "int": "xs:long", "float": "xs:double", "boolean": "xs:boolean",
         "id": "xs:string"}


def schema() -> xmlschema.XMLSchema:
    kinds = "".join(f"""
      <xs:complexType name="{name}Attribute"><xs:sequence><xs:group ref="attributes"/></xs:sequence>
        <xs:attribute name="key" type="xs:Name" use="required"/>
        <xs:attribute name="value" type="{kind}" use="required"/></xs:complexType>""" for name, kind in TYPES.items())
    choice = "".join(f'<xs:element name="{name}" type="{name}Attribute"/>' for name in TYPES)
    many = 'minOccurs="0" maxOccurs="unbounded"'
    return xmlschema.XMLSchema(f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{kinds}
      <xs:group name="attributes"><xs:sequence><xs:choice {many}>{choice}</xs:choice></xs:sequence></xs:group>
      <xs:element name="log"><xs:complexType><xs:sequence>
        <xs:element name="extension" {many}><xs:complexType>
          <xs:attribute name="name" type="xs:NCName" use="required"/>
          <xs:attribute name="prefix" type="xs:NCName" use="required"/>
          <xs:attribute name="uri" type="xs:anyURI" use="required"/></xs:complexType></xs:element>
        <xs:element name="global" {many}><xs:complexType><xs:group ref="attributes"/>
          <xs:attribute name="scope" type="xs:NCName"/></xs:complexType></xs:element>
        <xs:element name="classifier" {many}><xs:complexType>
          <xs:attribute name="name" type="xs:NCName" use="required"/>
          <xs:attribute name="scope" type="xs:NCName"/>
          <xs:attribute name="keys" type="xs:token" use="required"/></xs:complexType></xs:element>
        <xs:group ref="attributes"/>
        <xs:element name="trace" {many}><xs:complexType><xs:sequence><xs:group ref="attributes"/>
          <xs:element name="event" {many}><xs:complexType><xs:group ref="attributes"/></xs:complexType></xs:element>
        </xs:sequence></xs:complexType></xs:element></xs:sequence>
        <xs:attribute name="xes.version" type="xs:decimal" use="required"/>
        <xs:attribute name="xes.features" type="xs:token"/>
      </xs:complexType></xs:element></xs:schema>""")
